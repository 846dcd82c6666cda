import { AsyncLocalStorage } from 'node:async_hooks';
import type { CurrentRequest } from './context.ts';
import type { ServiceMeter } from './rpc/service-meter.ts';

/** What follows a request through calls, events and timers. */
export type RequestContext = CurrentRequest & {
  readonly service: string;
  readonly meter?: ServiceMeter;
};

export const requestContext = new AsyncLocalStorage<RequestContext>();
