import { deadlineExceeded, unavailable } from '../../protocol/errors.ts';
import type { RemoteService } from '../../protocol/topology.ts';
import type { OutboundCall } from './calls.ts';

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
    signal: AbortSignal.timeout(Math.max(1, timeoutMs)),
  }).catch((cause: Error) => {
    if (cause.name === 'TimeoutError') throw deadlineExceeded(target, timeoutMs);
    throw unavailable(target, 'maybe', `${remote.address}: ${cause.message}`);
  });
  if (!response.ok) throw unavailable(target, 'maybe', `${remote.address} said ${response.status}`);
  return response.status === 204 ? undefined : response.json();
};
