import { deadlineExceeded } from '../../protocol/errors.ts';
import { isAwaited, now, type OutboundCall } from '../rpc/calls.ts';
import { Cancellation } from '../rpc/cancellation.ts';
import { copyOf } from '../rpc/copy.ts';
import { Expiry } from '../rpc/expiry.ts';
import { bytesOf, packError, unpackError } from '../rpc/payload.ts';
import { localStream } from '../rpc/streams/local-stream.ts';
import { isStream } from '../rpc/streams/stream.ts';
import type { Hosted } from './hosted.ts';

type Waiting = {
  readonly call: OutboundCall;
  readonly cancellation: Cancellation;
  readonly sentAt: number;
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

  call(callee: Hosted, call: OutboundCall): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const sentAt = now();
      const deadlineMs = call.deadlineMs ?? 0;
      const deadlineAt = deadlineMs > 0 ? sentAt + deadlineMs : Number.POSITIVE_INFINITY;
      const awaited = isAwaited(call.kind) ? call.cancellation : undefined;
      const cancellation = awaited ?? new Cancellation();
      const waiting = { call, cancellation, sentAt, deadlineAt, resolve, reject };
      call.meter?.began();
      try {
        const value = ask(callee, waiting);
        if (!(value instanceof Promise)) return this.#answered(waiting, value);
        this.#expiry.add(waiting);
        value.then(
          (settled) => this.#answered(waiting, settled),
          (error) => this.#failed(waiting, error),
        );
      } catch (error) {
        this.#failed(waiting, error);
      }
    });
  }

  close(): void {
    this.#expiry.close();
  }

  #answered(waiting: Waiting, value: unknown): void {
    try {
      const { call, cancellation } = waiting;
      const copy = handOver(value, { target: `${call.service}.${call.method}`, cancellation });
      this.#end(waiting);
      waiting.resolve(copy);
    } catch (error) {
      this.#failed(waiting, error);
    }
  }

  #failed(waiting: Waiting, error: unknown): void {
    this.#end(waiting);
    waiting.reject(toOther(error));
  }

  #end(waiting: Waiting): void {
    this.#expiry.delete(waiting);
    waiting.call.meter?.ended(now() - waiting.sentAt, 0);
  }

  #expired(waiting: Waiting): void {
    const { call, sentAt } = waiting;
    this.#failed(waiting, deadlineExceeded(`${call.service}.${call.method}`, now() - sentAt));
  }
}

const toOther = (error: unknown): unknown => unpackError(bytesOf(packError(error)));

type Way = { readonly target: string; readonly cancellation: Cancellation };

const handOver = (value: unknown, way: Way): unknown =>
  isStream(value) ? localStream(value, way) : copyOf(value);

const outside = { hops: 0 };

const ask = (callee: Hosted, { call, cancellation, sentAt }: Waiting): unknown => {
  const { kind, service, method, from, deadlineMs = 0, traceparent = '', carried = outside } = call;
  const way = { target: `${service}.${method}`, cancellation };
  return callee.handle({
    kind,
    service,
    method,
    from,
    args: call.args.map((arg) => handOver(arg, way)),
    sentAt,
    takenAt: sentAt,
    deadlineMs,
    traceparent,
    carried,
    cancellation,
  });
};
