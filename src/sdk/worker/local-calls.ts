import { deadlineExceeded } from '../../protocol/errors.ts';
import { lengthOf, maxFrameBytes } from '../../protocol/rpc/frame.ts';
import { isAwaited, justNow, now, type OutboundCall, targetOf } from '../rpc/calls.ts';
import { Cancellation } from '../rpc/cancellation.ts';
import { copyOf, mostBytesCopied } from '../rpc/copy/copy.ts';
import { Expiry } from '../rpc/expiry.ts';
import { localStream } from '../rpc/streams/local-stream.ts';
import { isStream } from '../rpc/streams/stream.ts';
import { type Member, nowhere } from '../rpc/under-way/crowd.ts';
import { bytesOf, packCall, packError, unpackError } from '../rpc/wire/payload.ts';
import type { Hosted } from './hosted.ts';

type Asked = {
  readonly call: OutboundCall;
  readonly cancellation: Cancellation;
  readonly sentAt: number;
};

type Answering = {
  readonly callee: Hosted;
  readonly asked: Asked;
  readonly value: Promise<unknown>;
};

type Waiting = Member & {
  readonly asked: Asked;
  readonly deadlineAt: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Calls between services of one process, as over a link: copies go in and out, an error loses its
 * prototype, and the deadline holds. So nothing changes for a service when its company does.
 */
export class LocalCalls {
  readonly #expiry = new Expiry<Waiting>(now, (waiting) => this.#expired(waiting));

  /** At this moment, or one that has just been. */
  call(callee: Hosted, call: OutboundCall, at: number): Promise<unknown> {
    const awaited = isAwaited(call.kind) ? call.cancellation : undefined;
    const asked: Asked = { call, cancellation: awaited ?? new Cancellation(), sentAt: at };
    call.meter?.began();
    try {
      const value = ask(callee, asked);
      if (value instanceof Promise) return this.#await({ callee, asked, value });
      const answer = answerOf(callee, asked, value);
      // The callee has looked at the clock when it was done.
      end(asked, justNow());
      return Promise.resolve(answer);
    } catch (error) {
      end(asked, now());
      return Promise.reject(toOther(error));
    }
  }

  close(): void {
    this.#expiry.close();
  }

  #await({ callee, asked, value }: Answering): Promise<unknown> {
    const { call, sentAt } = asked;
    const { deadlineMs = 0 } = call;
    const deadlineAt = deadlineMs > 0 ? sentAt + deadlineMs : Number.POSITIVE_INFINITY;
    return new Promise((resolve, reject) => {
      const waiting = { asked, deadlineAt, resolve, reject, place: nowhere };
      this.#expiry.add(waiting);
      value.then(
        (settled) => this.#answered(waiting, callee, settled),
        (error) => this.#failed(waiting, error),
      );
    });
  }

  #answered(waiting: Waiting, callee: Hosted, value: unknown): void {
    if (!this.#end(waiting)) return;
    try {
      waiting.resolve(answerOf(callee, waiting.asked, value));
    } catch (error) {
      waiting.reject(toOther(error));
    }
  }

  #failed(waiting: Waiting, error: unknown): void {
    if (this.#end(waiting)) waiting.reject(toOther(error));
  }

  #expired(waiting: Waiting): void {
    const { call, sentAt } = waiting.asked;
    this.#failed(waiting, deadlineExceeded(targetOf(call), now() - sentAt));
  }

  /** Once: what is answered after its deadline has been counted. */
  #end(waiting: Waiting): boolean {
    const isFirst = this.#expiry.delete(waiting);
    if (isFirst) end(waiting.asked, now());
    return isFirst;
  }
}

const end = ({ call, sentAt }: Asked, at: number): void => call.meter?.ended(at - sentAt, 0);

const toOther = (error: unknown): unknown => unpackError(bytesOf(packError(error)));

const handOver = (
  value: unknown,
  { call, cancellation }: Asked,
  refused?: (error: unknown) => void,
): unknown =>
  isStream(value)
    ? localStream(value, { target: targetOf(call), cancellation, refused })
    : copyOf(value);

const handOverAll = (asked: Asked): readonly unknown[] => {
  const args = [...asked.call.args];
  let mostBytes = 0;
  for (let index = 0; index < args.length; index += 1) {
    args[index] = handOver(args[index], asked);
    if (!isStream(args[index])) mostBytes += mostBytesCopied();
  }
  if (mostBytes > maxFrameBytes - mostAround) checkSize(asked.call);
  return args;
};

/** What a frame of a call has beside its arguments: names, trace, and what is carried. */
const mostAround = 64 * 1_024;

const checkSize = (call: OutboundCall): void => {
  const { start, end } = packCall({ ...call, args: call.args.filter((arg) => !isStream(arg)) });
  lengthOf(call.traceparent ?? '', end - start);
};

const answerOf = (callee: Hosted, asked: Asked, value: unknown): unknown => {
  const refused = (error: unknown): void => callee.answerLost(asked.call, error);
  try {
    return handOver(value, asked, refused);
  } catch (error) {
    refused(error);
    throw error;
  }
};

const outside = { hops: 0 };

const ask = (callee: Hosted, asked: Asked): unknown => {
  const { call, cancellation, sentAt } = asked;
  const { kind, service, method, from, deadlineMs = 0, traceparent = '', carried = outside } = call;
  return callee.handle({
    kind,
    service,
    method,
    from,
    args: handOverAll(asked),
    sentAt,
    takenAt: sentAt,
    deadlineMs,
    traceparent,
    carried,
    cancellation,
  });
};
