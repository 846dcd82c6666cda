import type { CallOptions } from '../call-options.ts';
import type { Luggage } from '../context.ts';
import { abortable } from '../rpc/calling/abortable.ts';
import type { OutboundCall } from '../rpc/calls.ts';
import { newTraceparent } from '../rpc/trace.ts';
import { proxyOf } from '../worker/proxy.ts';
import { timeoutOf, withHeaders } from '../worker/wish.ts';

type Send = (call: OutboundCall) => Promise<unknown>;

export type ClientParts = {
  readonly service: string;
  readonly luggage: Luggage;
  /** Of the one worker there is. */
  readonly workerId: string;
  readonly timeoutMs: number;
  readonly send: Send;
};

/** The methods of a service and `with`, for a caller that is no service itself. */
export const clientOf = (parts: ClientParts): object =>
  proxyOf((method) => async (args, options) => {
    const call = callOf(parts, options, { method, args });
    const { signal } = options;
    const ask = (): Promise<unknown> =>
      signal === undefined ? parts.send(call) : abortable(signal, call, parts.send);
    if (options.workers !== 'all') return ask();
    const [outcome] = await Promise.allSettled([ask()]);
    return [{ worker: parts.workerId, ...outcome }];
  });

const callOf = (
  { service, luggage, timeoutMs }: ClientParts,
  options: CallOptions,
  asked: Pick<OutboundCall, 'method' | 'args'>,
): OutboundCall => ({
  ...asked,
  kind: 'call',
  service,
  from: 'test',
  deadlineMs: Math.max(1, Math.min(timeoutMs, timeoutOf(options, timeoutMs))),
  traceparent: newTraceparent(),
  carried: withHeaders({ ...luggage, hops: 0 }, options.headers),
  retries: options.retries,
  key: options.key,
});
