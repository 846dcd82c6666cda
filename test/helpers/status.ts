import { setTimeout as after } from 'node:timers/promises';
import type { Action } from '../../src/protocol/action.ts';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import type { Status } from '../../src/protocol/metrics.ts';
import { type ControlClient, connect } from '../../src/sdk/control/client.ts';
import type { RunningApp } from './forge.ts';
import { socketOf } from './snapshots.ts';

type App = Pick<RunningApp, 'env'>;

/** By the socket: a command for each look would cost more than what is looked at. */
const asked = async <T>(app: App, ask: (client: ControlClient) => Promise<T>): Promise<T> => {
  await using client = await connect(socketOf(app), { role: 'viewer' });
  return await ask(client);
};

export const statusOf = (app: App): Promise<Status> =>
  asked(app, (client) => client.request('status', {}));

export const pidsOf = ({ services }: Status): readonly number[] =>
  services.flatMap(({ workers }) => workers.map(({ pid }) => pid)).toSorted((a, b) => a - b);

export const actionsOf = async (app: App): Promise<readonly Action[]> =>
  (await asked(app, (client) => client.request('actions', {}))).actions;

const lookEveryMs = 50;

/** The status as soon as it is as wanted. */
export const statusWhen = async (
  app: App,
  isWanted: (status: Status) => boolean,
): Promise<Status> => {
  const status = await statusOf(app);
  if (isWanted(status)) return status;
  await after(lookEveryMs);
  return statusWhen(app, isWanted);
};

export const eventsOf = async (app: App): Promise<Snapshot['events']> =>
  (await asked(app, (client) => client.request('snapshot', {}))).events;

/** The status under the supervisor that comes after this one, when it has taken over. */
export const nextSupervisor = async (
  app: Pick<RunningApp, 'env' | 'forge'>,
  pid: number,
): Promise<Status> => {
  await app.forge('wait');
  const status = await statusOf(app).catch(() => undefined);
  if (status !== undefined && status.supervisor.pid !== pid) return status;
  return nextSupervisor(app, pid);
};
