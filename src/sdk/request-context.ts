import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServiceMeter } from './rpc/service-meter.ts';

/** What follows a request through calls, events and timers. */
export type RequestContext = {
  readonly service: string;
  readonly traceparent: string;
  /** Milliseconds since the epoch; a call made on behalf of this request ends by then. */
  readonly deadlineAt: number;
  readonly meter?: ServiceMeter;
};

export const requestContext = new AsyncLocalStorage<RequestContext>();
