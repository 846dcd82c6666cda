import { cancelled, deadlineExceeded, unavailable } from '../../protocol/errors.ts';
import type { RemoteService } from '../../protocol/topology.ts';
import type { OutboundCall } from './calls.ts';
import type { Cancellation } from './cancellation.ts';

/** A service that another machine serves over HTTP: one POST a call, arguments as a JSON array. */
export const callRemote = async (
  remote: RemoteService,
  call: OutboundCall,
  timeoutMs: number,
): Promise<unknown> => {
  const target = `${call.service}.${call.method}`;
  const response = await fetch(`${remote.address}/__forge/call/${target}`, {
    method: 'POST',
    headers: {
      ...call.carried?.headers,
      'content-type': 'application/json',
      traceparent: call.traceparent ?? '',
    },
    body: JSON.stringify(call.args),
    signal: within(timeoutMs, call.cancellation),
    // Where it answers the config says, and nobody else.
    redirect: 'manual',
  }).catch((cause: Error) => {
    if (cause.name === 'TimeoutError') throw deadlineExceeded(target, timeoutMs);
    if (cause.name === 'AbortError') throw cancelled(target);
    throw unavailable(target, 'maybe', `${remote.address}: ${cause.message}`);
  });
  if (!response.ok) throw unavailable(target, 'maybe', `${remote.address} said ${response.status}`);
  return response.status === 204 ? undefined : response.json();
};

const longestMs = 2 ** 31 - 1;

const within = (timeoutMs: number, cancellation: Cancellation | undefined): AbortSignal => {
  // Whole milliseconds, and no more than a timer holds.
  const limit = AbortSignal.timeout(Math.min(longestMs, Math.max(1, Math.ceil(timeoutMs))));
  return cancellation === undefined ? limit : AbortSignal.any([limit, cancellation.signal]);
};
