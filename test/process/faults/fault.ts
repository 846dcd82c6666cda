import { setTimeout as after } from 'node:timers/promises';
import type { FaultApp } from './fault-app.ts';

/** One way in which something goes wrong, and how many requests it may cost. */
export type Fault = {
  /** Names the row in talk and in the bench's table. */
  readonly id: string;
  readonly fault: string;
  /** Does it once; resolves when the app is whole again. */
  readonly inject: (app: FaultApp) => Promise<void>;
  /** Failed requests for each time that it is done: most are 0. */
  readonly allowed: number;
  /** A worker dies of it: what it was doing then is repeated only if it may be, so all requests are reads. */
  readonly killsWorker?: true;
  /** Clients come to the workers of the target at its own port, not by the ingress. */
  readonly atPort?: true;
  /** It takes so long that only the bench has the time. */
  readonly isLong?: true;
  /** The supervisor is to be another one afterwards; else it must be the same. */
  readonly takesSupervisor?: true;
};

/** One that may cost no request at all. */
export const free = (id: string, fault: string, inject: Fault['inject']): Fault => ({
  id,
  fault,
  inject,
  allowed: 0,
});

/** Notes how long something took. */
export const timed = async <T>(app: FaultApp, what: string, use: () => Promise<T>): Promise<T> => {
  const startedAt = performance.now();
  const result = await use();
  app.note(`${what}, ms`, performance.now() - startedAt);
  return result;
};

/** Whatever was done, the timeline must have told this of it. */
export const tells = async (
  app: FaultApp,
  what: RegExp,
  use: () => Promise<unknown>,
): Promise<void> => {
  const startedAt = new Date();
  await use();
  const told = await app.toldSince(startedAt);
  if (!told.some((text) => what.test(text))) {
    throw new Error(`nothing like ${what} was told: ${told.join('; ')}`);
  }
};

/** So that what goes on meanwhile has time to go on, however fast the answers come. */
const askEveryMs = 5;

/** Asks the target again and again; an answer that is none is an error. */
export const ask = async (app: FaultApp, times: number): Promise<void> => {
  for (let asked = 0; asked < times; asked += 1) {
    const response = await fetch(`${app.http}/read/${asked}`);
    await response.text();
    await after(askEveryMs);
  }
};
