import { listed } from '../../protocol/errors.ts';
import { matchesEvent } from '../../protocol/event-pattern.ts';
import type { Around } from '../interceptors/interceptor.ts';
import type { Hosted } from '../worker/hosted.ts';

export type Fault = {
  /** It fails with this. */
  readonly error?: Error;
  /** It waits for this first; the test decides when it is over. */
  readonly until?: Promise<unknown>;
  /** So many calls; all of them unless given. */
  readonly times?: number;
};

type Planned = { readonly fault: Fault; left: number };

/** A name that nobody asks for would never fail, and its test would prove nothing. */
export const checkAsked = (hosted: Hosted, method: string): void => {
  const known = askedOf(hosted);
  // Messages and requests have no method.
  if (method === '' || known.some((one) => matchesEvent(one, method))) return;
  throw new Error(`${hosted.name} is never asked for ${method}, only for: ${listed(known)}`);
};

/** Methods of calls and routes, and events that it listens to. */
const askedOf = ({ contract, subscriptions }: Hosted): readonly string[] => {
  const { on, everywhere = {} } = subscriptions.toContract();
  const handlers = contract.routes.flatMap(({ handler }) => handler ?? []);
  return [
    ...new Set([...contract.expose, ...handlers, ...Object.keys(on), ...Object.keys(everywhere)]),
  ];
};

/** Failures that a test wants, by service and method. */
export class Faults {
  readonly #planned = new Map<string, Planned>();

  plan(service: string, method: string, fault: Fault): void {
    const left = fault.times ?? Number.POSITIVE_INFINITY;
    this.#planned.set(`${service}.${method}`, { fault, left });
  }

  clear(): void {
    this.#planned.clear();
  }

  readonly around: Around = (call, next) => {
    const planned = this.#planned.get(`${call.service}.${call.method}`);
    if (planned === undefined || planned.left === 0) return next(call);
    planned.left -= 1;
    return raised(planned.fault, () => next(call));
  };
}

const raised = async ({ until, error }: Fault, next: () => unknown): Promise<unknown> => {
  await until;
  if (error !== undefined) throw error;
  return next();
};
