import { AsyncLocalStorage } from 'node:async_hooks';
import type { CurrentRequest } from './context.ts';
import type { Cancellation } from './rpc/cancellation.ts';
import type { ServiceMeter } from './rpc/service-meter.ts';

type Fields = Omit<CurrentRequest, 'signal'> &
  Pick<RequestContext, 'service' | 'meter' | 'cancellation'>;

/** What follows a request through calls, events and timers. */
export class RequestContext implements CurrentRequest {
  readonly service: string;
  readonly traceparent: string;
  readonly deadlineAt: number;
  readonly meter: ServiceMeter;
  readonly cancellation: Cancellation;

  constructor(fields: Fields) {
    this.service = fields.service;
    this.traceparent = fields.traceparent;
    this.deadlineAt = fields.deadlineAt;
    this.meter = fields.meter;
    this.cancellation = fields.cancellation;
  }

  get signal(): AbortSignal {
    return this.cancellation.signal;
  }
}

export const requestContext = new AsyncLocalStorage<RequestContext>();
