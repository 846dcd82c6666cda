import type { Luggage } from '../context.ts';
import type { OutboundCall } from '../rpc/calls.ts';
import { newTraceparent } from '../rpc/trace.ts';

export type Asked = Pick<OutboundCall, 'kind' | 'service' | 'method' | 'args'>;
export type Ask = (asked: Asked, luggage?: Luggage) => Promise<unknown>;

/** A call as the ingress would make it: the first of its request. */
export const fromOutside = (asked: Asked, luggage: Luggage, deadlineMs: number): OutboundCall => ({
  ...asked,
  from: 'test',
  deadlineMs,
  traceparent: newTraceparent(),
  carried: { ...luggage, hops: 0 },
});

/** Whatever method is asked for is called; `then` stays away, or awaiting a client would call it. */
export const clientOf = (ask: Ask, service: string, luggage?: Luggage): object =>
  new Proxy(Object.create(null) as object, {
    get: (_target, method) =>
      typeof method === 'string' && method !== 'then'
        ? (...args: readonly unknown[]) => ask({ kind: 'call', service, method, args }, luggage)
        : undefined,
  });
