import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { Auth, Carried } from '../protocol/rpc/carried.ts';
import type { CurrentRequest } from './context.ts';
import type { Cancellation } from './rpc/cancellation.ts';
import type { ServiceMeter } from './rpc/meters/service-meter.ts';

type Fields = Omit<CurrentRequest, 'signal' | keyof Carried> &
  Pick<RequestContext, 'service' | 'meter' | 'cancellation' | 'carried'> &
  Partial<Pick<RequestContext, 'held'>>;

/** How a request has held the event loop so far, in all of its slices. */
export type Held = {
  ms: number;
  /** How often it came to the loop, and may have waited for it. */
  visits: number;
  leftAt: number;
};

const none: Readonly<Record<string, string>> = Object.freeze({});

/** What follows a request through calls, events, messages and timers. */
export class RequestContext implements CurrentRequest {
  readonly service: string;
  readonly from: string;
  readonly traceparent: string;
  readonly deadlineAt: number;
  readonly meter: ServiceMeter;
  readonly cancellation: Cancellation;
  readonly carried: Carried;
  readonly held: Held;

  constructor(fields: Fields) {
    this.service = fields.service;
    this.from = fields.from;
    this.traceparent = fields.traceparent;
    this.deadlineAt = fields.deadlineAt;
    this.meter = fields.meter;
    this.cancellation = fields.cancellation;
    this.carried = fields.carried;
    this.held = fields.held ?? { ms: 0, visits: 0, leftAt: Number.NEGATIVE_INFINITY };
  }

  get signal(): AbortSignal {
    return this.cancellation.signal;
  }

  get hops(): number {
    return this.carried.hops;
  }

  get tracestate(): string | undefined {
    return this.carried.tracestate;
  }

  get tenant(): string | undefined {
    return this.carried.tenant;
  }

  get auth(): Auth | undefined {
    return this.carried.auth;
  }

  get baggage(): Readonly<Record<string, string>> {
    return this.carried.baggage ?? none;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.carried.headers ?? none;
  }

  /** The same request, but for this. */
  with(change: Partial<Fields>): RequestContext {
    return new RequestContext({ ...this, ...change });
  }
}

export const requestContext = new AsyncLocalStorage<RequestContext>();

/** Where no request is: whatever runs in it sees no store of anybody else. */
const noRequest = new AsyncResource('threadforge.call');

type Run<C> = (call: C) => unknown;
/** Runs what answers a call in its context. */
export type Within = <C>(context: RequestContext, call: C, run: Run<C>) => unknown;

const enter = <C>(context: RequestContext, call: C, run: Run<C>): unknown => {
  requestContext.enterWith(context);
  return run(call);
};

/**
 * What a service has called. Stores that the caller keeps for itself are not there, as over a link;
 * and as nothing is taken over from them it costs a fifth of what `run` does.
 */
export const runIsolated: Within = (context, call, run) =>
  noRequest.runInAsyncScope(enter<typeof call>, undefined, context, call, run);

/**
 * What came in by HTTP, where whoever watches this process may have put something into a store. A
 * resource gives all stores back as they were, which `run` does with one more copy of them.
 */
export const runInheriting: Within = (context, call, run) =>
  new AsyncResource('threadforge.request').runInAsyncScope(
    enter<typeof call>,
    undefined,
    context,
    call,
    run,
  );
