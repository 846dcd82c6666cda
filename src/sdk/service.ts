import { isEventName } from '../protocol/event-pattern.ts';
import type { CallOptions } from './call-options.ts';
import type { Context } from './context.ts';

/** How a service reaches the others; the worker puts it in place before `onStart`. */
export type Bus = {
  readonly send: (service: string, payload: unknown) => void;
  readonly request: (service: string, payload: unknown) => Promise<unknown>;
  readonly broadcast: (payload: unknown) => void;
  readonly emit: (event: string, payload: unknown) => void;
};

/** `down` takes this worker out of routing; it does not end it. */
export type Health = {
  readonly status: 'ok' | 'degraded' | 'down';
  readonly detail?: string;
};

/** Registered, so that an app's own copy of the package and the worker's agree. */
const busKey: unique symbol = Symbol.for('threadforge.bus');

/** Base of every service. Proxies of the services that the config lists in `connects` are properties. */
export class Service {
  /** Name, environment, log and router of this instance; there before `onStart`. */
  declare readonly ctx: Context;
  declare readonly [busKey]: Bus;

  onStart(_ctx: Context): void | Promise<void> {}

  /** This worker is among those that are asked. */
  onReady(): void | Promise<void> {}

  /** So many workers has the service now: said once when this one is ready, and at each change. */
  onScale(_workers: number): void | Promise<void> {}

  /** New workers have taken its place: what it does unasked, such as by a timer, is theirs now. */
  onStandby(): void | Promise<void> {}

  /** They were no good, and this worker is asked again. */
  onResume(): void | Promise<void> {}

  onStop(_reason: string): void | Promise<void> {}

  /** Asked before this worker is ready, and once a second from then on. */
  health(): Health | Promise<Health> {
    return { status: 'ok' };
  }

  onMessage(_from: string, _payload: unknown): void | Promise<void> {}

  onRequest(from: string, _payload: unknown): unknown {
    throw new Error(`${this.constructor.name} does not answer requests (this one is from ${from})`);
  }

  /** Fire and forget, to `onMessage` of one instance. */
  send(service: string, payload: unknown): void {
    this[busKey].send(service, payload);
  }

  /** Asks `onRequest` of one instance. */
  request(service: string, payload: unknown): Promise<unknown> {
    return this[busKey].request(service, payload);
  }

  /** Fire and forget, to `onMessage` of every service that this one connects to. */
  broadcast(payload: unknown): void {
    this[busKey].broadcast(payload);
  }

  /** Publishes an event: one instance of each subscribed service handles it. */
  emit(event: string, payload: unknown): void {
    if (!isEventName(event)) {
      throw new TypeError(
        `${JSON.stringify(event) ?? String(event)} is the name of no event; one is as user.created is`,
      );
    }
    this[busKey].emit(event, payload);
  }
}

/** Gives a new instance its context, its bus and its proxies. */
export const wire = (
  service: Service,
  parts: { readonly ctx: Context; readonly bus: Bus; readonly proxies: Record<string, object> },
): void => {
  Object.assign(service, parts.proxies, { ctx: parts.ctx, [busKey]: parts.bus });
};

type Answer<R> =
  Awaited<R> extends AsyncIterable<infer T> ? Promise<AsyncIterable<T>> : Promise<Awaited<R>>;

type AsyncMethod<F> = F extends (...args: infer A) => infer R ? (...args: A) => Answer<R> : never;

type Methods<S> = {
  readonly [K in Exclude<keyof S, keyof Service | 'ctx' | 'with'> as S[K] extends (
    ...args: never[]
  ) => unknown
    ? K
    : never]: AsyncMethod<S[K]>;
};

/**
 * What callers of a service see: its methods, each answering a promise; of a stream, if the method
 * answers with one. `with` gives the same with other options.
 */
export type Client<S> = Methods<S> & { readonly with: With<S> };

type With<S> = {
  (options: CallOptions & { readonly workers: 'all' }): Everyone<S>;
  (options: CallOptions & { readonly workers?: 'one' }): Client<S>;
};

/** What became of a call to every worker of a service, at one of them. */
export type WorkerAnswer<T> = { readonly worker: string } & PromiseSettledResult<T>;

type Everyone<S> = {
  readonly [K in keyof Methods<S>]: Methods<S>[K] extends (...args: infer A) => Promise<infer R>
    ? (...args: A) => Promise<readonly WorkerAnswer<R>[]>
    : never;
};
