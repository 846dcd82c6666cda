import { connect, type Socket } from 'node:net';
import { deadlineExceeded, resourceExhausted, unavailable } from '../../protocol/errors.ts';
import { emptyFrame, encodeFrame, type Frame, frameTypes } from '../../protocol/rpc/frame.ts';
import { now, type OutboundCall } from './calls.ts';
import { receiveFrames } from './intake.ts';
import { Outbox, type Schedule } from './outbox.ts';
import { packCall, unpackError, unpackValue } from './payload.ts';

type Waiting = {
  readonly target: string;
  readonly startedAt: number;
  readonly onReply: OutboundCall['onReply'];
  readonly deadlineAt: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Ends the watch on its cancellation. */
  readonly unwatch: (() => void) | undefined;
};

export type LinkOptions = {
  readonly path: string;
  readonly maxPending: number;
  readonly schedule?: Schedule | undefined;
};

const sweepEveryMs = 20;

/** The one duplex link to another process; opened by its first call, gone when its socket closes. */
export class Link {
  readonly #options: LinkOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #socket: Socket;
  readonly #outbox: Outbox;
  #nextId = 1;
  #sweep: NodeJS.Timeout | undefined;
  /** Exponentially weighted mean of the last answers, in ms. */
  latencyMs = 0;
  /** The peer said that it leaves and was told that no more calls come, or nobody listens there. */
  isGone = false;
  /** Until then nothing that was written has arrived. */
  #connected = false;
  /** The routing table still names the peer. */
  listed = true;
  closed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#socket = connect(options.path);
    this.#outbox = new Outbox(this.#socket, options.schedule);
    receiveFrames(this.#socket, (frame) => this.#take(frame));
    this.#socket.on('connect', () => {
      this.#connected = true;
    });
    this.#socket.on('error', (error) => {
      this.isGone ||= isRefused(error);
      this.#end(error.message);
    });
    this.#socket.on('close', () => this.#end('its process ended'));
  }

  /** The peer drains or is gone: call elsewhere. */
  get leaving(): boolean {
    return this.closed || this.isGone || !this.listed;
  }

  get pending(): number {
    return this.#waiting.size;
  }

  call(call: OutboundCall, deadlineMs: number): Promise<unknown> {
    const target = `${call.service}.${call.method}`;
    if (this.closed) return Promise.reject(unavailable(target, 'no', 'its process ended'));
    if (this.isGone) return Promise.reject(unavailable(target, 'no', 'its worker is leaving'));
    if (this.#waiting.size >= this.#options.maxPending) {
      return Promise.reject(resourceExhausted(target, this.#waiting.size));
    }
    const id = this.#nextId;
    this.#nextId = (this.#nextId + 1) >>> 0 || 1;
    const sentAt = now();
    return new Promise((resolve, reject) => {
      const frame = { type: frameTypes.call, id, deadlineMs, sentAt };
      const traceparent = call.traceparent ?? '';
      this.#outbox.push(encodeFrame({ ...frame, traceparent, payload: packCall(call) }));
      const deadlineAt = deadlineMs > 0 ? sentAt + deadlineMs : Number.POSITIVE_INFINITY;
      this.#waiting.set(id, {
        target,
        startedAt: sentAt,
        onReply: call.onReply,
        deadlineAt,
        resolve,
        reject,
        unwatch: call.cancellation?.watch(() => this.#cancel(id)),
      });
      this.#sweep ??= setInterval(() => this.#expire(), sweepEveryMs).unref();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case frameTypes.reply:
        this.#settle(frame, unpackValue(frame.payload));
        return;
      case frameTypes.error:
        this.#settle(frame, unpackError(frame.payload));
        return;
      case frameTypes.goaway:
        this.#leave();
        return;
      case frameTypes.call:
      case frameTypes.ping:
      case frameTypes.cancel:
        // Nothing that the calling end answers.
        return;
    }
  }

  #settle({ id, type, sentAt }: Frame, outcome: unknown): void {
    const waiting = this.#takeOut(id);
    if (waiting === undefined) return;
    const at = now();
    const took = at - waiting.startedAt;
    waiting.onReply?.(Math.max(0, at - sentAt));
    this.latencyMs = this.latencyMs === 0 ? took : this.latencyMs * 0.9 + took * 0.1;
    // The sweep has not been here yet, but the time is over all the same.
    if (at > waiting.deadlineAt) waiting.reject(deadlineExceeded(waiting.target, took));
    else if (type === frameTypes.reply) waiting.resolve(outcome);
    else waiting.reject(outcome);
  }

  #cancel(id: number): void {
    this.#outbox.push(encodeFrame({ ...emptyFrame, type: frameTypes.cancel, id }));
  }

  #takeOut(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    waiting?.unwatch?.();
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#stopSweep();
    return waiting;
  }

  /** Frames arrive in order: after this answer the peer knows that it has seen every call. */
  #leave(): void {
    this.isGone = true;
    this.#outbox.push(encodeFrame({ ...emptyFrame, type: frameTypes.goaway }));
  }

  /** One timer for all calls of the link costs a tenth of a timer per call. */
  #expire(): void {
    const at = now();
    for (const [id, waiting] of this.#waiting) {
      if (waiting.deadlineAt > at) continue;
      this.#takeOut(id);
      this.#cancel(id);
      waiting.reject(deadlineExceeded(waiting.target, at - waiting.startedAt));
    }
  }

  #stopSweep(): void {
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #end(detail: string): void {
    if (this.closed) return;
    this.closed = true;
    this.#stopSweep();
    const executed = this.#connected ? 'maybe' : 'no';
    for (const { target, reject, unwatch } of this.#waiting.values()) {
      unwatch?.();
      reject(unavailable(target, executed, detail));
    }
    this.#waiting.clear();
  }
}

/** Nobody listens there, and as each incarnation of a worker has a path of its own, nobody will. */
const isRefused = (error: NodeJS.ErrnoException): boolean =>
  error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
