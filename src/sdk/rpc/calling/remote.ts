import { cancelled, deadlineExceeded, unavailable } from '../../../protocol/errors.ts';
import { ForgeError } from '../../../protocol/forge-error.ts';
import { maxFrameBytes } from '../../../protocol/rpc/frame.ts';
import type { RemoteService } from '../../../protocol/topology.ts';
import { argumentsText } from '../../front/answer/json-text.ts';
import { parseJson } from '../../front/json.ts';
import { type OutboundCall, targetOf } from '../calls.ts';
import type { Cancellation } from '../cancellation.ts';
import { textWithin } from './text-within.ts';

/** A service that another machine serves over HTTP: one POST a call, arguments as a JSON array. */
export const callRemote = async (
  remote: RemoteService,
  call: OutboundCall,
  timeoutMs: number,
): Promise<unknown> => {
  const target = targetOf(call);
  try {
    const response = await fetch(`${remote.address}/__forge/call/${target}`, {
      method: 'POST',
      headers: {
        ...call.carried?.headers,
        'content-type': 'application/json',
        traceparent: call.traceparent ?? '',
      },
      body: argumentsText(call.args),
      signal: within(timeoutMs, call.cancellation),
      // Where it answers the config says, and nobody else.
      redirect: 'manual',
    });
    const text = await textWithin(response, maxFrameBytes);
    if (response.ok) return text === '' ? undefined : parseJson(text);
    throw refusalIn(response.status, text) ?? new Error(`it said ${response.status}`);
  } catch (cause) {
    throw failureOf(cause, { target, remote, timeoutMs });
  }
};

type Way = {
  readonly target: string;
  readonly remote: RemoteService;
  readonly timeoutMs: number;
};

export const failureOf = (cause: unknown, { target, remote, timeoutMs }: Way): unknown => {
  if (cause instanceof ForgeError) return cause;
  const { name, message } = cause as Error;
  if (name === 'TimeoutError') return deadlineExceeded(target, timeoutMs);
  if (name === 'AbortError') return cancelled(target);
  const reasons = reasonsOf(cause as Error);
  const isUnsent = reasons.length > 0 && reasons.every(isUnconnected);
  const code = reasons[0]?.code === undefined ? '' : ` (${reasons[0].code})`;
  return unavailable(target, isUnsent ? 'no' : 'maybe', `${remote.address}: ${message}${code}`);
};

type Reason = Pick<NodeJS.ErrnoException, 'code' | 'syscall'>;

/** A name with several addresses has a reason for each of them. */
const reasonsOf = ({ cause }: Error): readonly Reason[] => {
  if (cause instanceof AggregateError) return cause.errors;
  // Errors of the system have these fields, and of others they are undefined.
  return cause instanceof Error ? [cause as NodeJS.ErrnoException] : [];
};

/** There was never a connection: nothing of the call has left this machine. */
const isUnconnected = ({ code, syscall }: Reason): boolean =>
  syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT';

/** An answer that is no, as another app gives it: with a code, which callers go by. */
const refusalIn = (status: number, text: string): ForgeError | undefined => {
  if (status < 400) return undefined;
  try {
    const { error } = parseJson(text) as { readonly error?: Readonly<Record<string, unknown>> };
    const { code, message } = error ?? {};
    if (typeof code !== 'string' || typeof message !== 'string') return undefined;
    const remedy = 'See the log of the other app.';
    const refusal = new ForgeError({ code, message, remedy, exitCode: 1 });
    return Object.assign(refusal, { httpStatus: status });
  } catch {
    // It comes from somebody in between.
    return undefined;
  }
};

const longestMs = 2 ** 31 - 1;

const within = (timeoutMs: number, cancellation: Cancellation | undefined): AbortSignal => {
  // Whole milliseconds, and no more than a timer holds.
  const limit = AbortSignal.timeout(Math.min(longestMs, Math.max(1, Math.ceil(timeoutMs))));
  return cancellation === undefined ? limit : AbortSignal.any([limit, cancellation.signal]);
};
