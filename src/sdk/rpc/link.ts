import type { OnReadOpts, Socket } from 'node:net';
import {
  cancelled,
  deadlineExceeded,
  resourceExhausted,
  unavailable,
} from '../../protocol/errors.ts';
import { withoutStack } from '../../protocol/forge-error.ts';
import {
  emptyFrame,
  type Frame,
  frameTypes,
  linkVersion,
  type ReceivedFrame,
} from '../../protocol/rpc/frame.ts';
import { Latency } from './balance/latency.ts';
import { isFault, Outlier } from './balance/outlier.ts';
import { Silence } from './balance/silence.ts';
import type { Asker } from './calling/asker.ts';
import { justNow, now, type OutboundCall, type Refused, targetOf } from './calls.ts';
import { isStream } from './streams/stream.ts';
import { Streams } from './streams/streams.ts';
import { nowhere } from './under-way/crowd.ts';
import { Numbered } from './under-way/numbered.ts';
import { Reception } from './wire/intake.ts';
import { Outbox } from './wire/outbox.ts';
import { nothing, type Packed, packCall, unpackAnswer } from './wire/payload.ts';

export type LinkOptions = {
  /** Of the worker at the other end. */
  readonly name: string;
  /** The socket may read into what is lent to it. */
  readonly dial: (lending: OnReadOpts) => Socket;
  readonly maxPending: number;
  /** By which the peer knows who calls. */
  readonly introduction?: Packed | undefined;
  /** Bytes that may wait for a peer which does not read. */
  readonly maxBacklog?: number;
  /** When calls are written. */
  readonly refused?: Refused | undefined;
  /** It is gone or closed. */
  readonly onChange: () => void;
};

const sweepEveryMs = 20;
const defaultBacklog = 16 * 1024 * 1024;

/** The one duplex link to another process; opened by its first call, gone when its socket closes. */
export class Link {
  readonly #options: LinkOptions;
  readonly #waiting = new Numbered<Asker>();
  readonly #socket: Socket;
  readonly #outbox: Outbox;
  readonly #outlier = new Outlier();
  readonly #latency = new Latency();
  readonly #silence = new Silence();
  readonly #streams: Streams;
  #sweep: NodeJS.Timeout | undefined;
  /** The peer said that it leaves and was told that no more calls come, or nobody listens there. */
  isGone = false;
  /** Until then nothing that was written has arrived. */
  #connected = false;
  /** The routing table still names the peer. */
  listed = true;
  closed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    const reception = new Reception((frame, at) => this.#take(frame, at));
    this.#socket = options.dial(reception.lending);
    this.#outbox = new Outbox(this.#socket);
    this.#streams = new Streams(this.#outbox);
    const { introduction = nothing } = options;
    this.#outbox.push({ ...emptyFrame, type: frameTypes.hello, id: linkVersion }, introduction);
    reception.read(this.#socket);
    // Over TLS nothing has arrived before both ends believe each other.
    this.#socket.on('encrypted' in this.#socket ? 'secureConnect' : 'connect', () => {
      this.#connected = true;
    });
    this.#socket.on('error', (error) => {
      this.isGone ||= isRefused(error);
      this.#end(error.message);
    });
    this.#socket.on('close', () => this.#end('its process ended'));
  }

  get name(): string {
    return this.#options.name;
  }

  get isAside(): boolean {
    if (!this.#silence.isAsked && this.#outlier.isProven) return false;
    const at = now();
    return this.#silence.isStalled(at) || this.#outlier.isAside(at);
  }

  /** The peer drains or is gone: call elsewhere. */
  get leaving(): boolean {
    return this.closed || this.isGone || !this.listed;
  }

  get pending(): number {
    return this.#waiting.size;
  }

  /** Whoever chooses has looked at the clock when the call was made. */
  get latencyMs(): number {
    return this.#latency.msAt(justNow());
  }

  passedOver(): void {
    this.#latency.passedOver();
  }

  /** Throws when the call cannot be sent. */
  send(asker: Asker): void {
    this.#admit(asker.call);
    const id = this.#waiting.add(asker);
    try {
      this.#write(asker, id);
    } catch (error) {
      this.#waiting.take(id);
      this.#streams.drop(id);
      throw error;
    }
    asker.call.cancellation?.watch(asker);
    this.#sweep ??= setInterval(() => setImmediate(this.#expire), sweepEveryMs).unref();
  }

  #write({ call, sentAt, deadlineAt }: Asker, id: number): void {
    const deadlineMs = Number.isFinite(deadlineAt) ? Math.max(1, deadlineAt - sentAt) : 0;
    const { traceparent = '' } = call;
    const head = { type: frameTypes.call, id, deadlineMs, sentAt, traceparent };
    const upload = call.args.at(-1);
    if (isStream(upload)) {
      const args = call.args.slice(0, -1);
      this.#streams.send(id, upload);
      this.#outbox.push({ ...head, type: frameTypes.upload }, packCall({ ...call, args }));
    } else this.#outbox.push(head, packCall(call));
  }

  close(): void {
    this.#socket.destroy();
  }

  #admit(call: OutboundCall): void {
    if (this.closed) throw unavailable(targetOf(call), 'no', 'its process ended');
    if (this.isGone) throw unavailable(targetOf(call), 'no', 'its worker is leaving');
    const { maxPending, maxBacklog = defaultBacklog } = this.#options;
    if (this.#waiting.size >= maxPending || this.#outbox.backlog >= maxBacklog) {
      throw resourceExhausted(targetOf(call), this.#waiting.size);
    }
  }

  #take(frame: ReceivedFrame, at: number): void {
    this.#silence.heard();
    switch (frame.type) {
      case frameTypes.reply:
      case frameTypes.error:
        this.#settle(frame, at);
        return;
      case frameTypes.open:
        this.#open(frame, at);
        return;
      case frameTypes.goaway:
        this.#leave();
        return;
      case frameTypes.data:
      case frameTypes.end:
      case frameTypes.reset:
      case frameTypes.window:
      case frameTypes.stop:
        this.#streams.take(frame);
        return;
      case frameTypes.hello:
        this.#greeted(frame);
        return;
      case frameTypes.call:
      case frameTypes.upload:
      case frameTypes.ping:
      case frameTypes.cancel:
        // Nothing that the calling end answers.
        return;
    }
  }

  /** Who speaks another version has done nothing of what it was asked. */
  #greeted({ id }: Frame): void {
    if (id === linkVersion) return;
    this.isGone = true;
    this.#connected = false;
    this.#end(`it speaks version ${id} of the link protocol, and this process ${linkVersion}`);
    this.#socket.destroy();
  }

  /** The answer is a stream: it may be read as long as the link is there and the request is wanted. */
  #open(frame: Frame, at: number): void {
    const { id } = frame;
    const asker = this.#takeOut(id);
    if (asker === undefined) return void this.cancel(id);
    const inflow = this.#streams.receive(id);
    asker.call.cancellation?.watch({
      place: nowhere,
      cancelled: () => {
        if (!this.#streams.isReading(id)) return;
        this.cancel(id);
        this.#streams.drop(id, cancelled(targetOf(asker.call)));
      },
    });
    asker.answered(inflow, at, Math.max(0, at - frame.sentAt));
  }

  #settle(frame: ReceivedFrame, at: number): void {
    const isReply = frame.type === frameTypes.reply;
    const { isValue, outcome } = unpackAnswer(frame, isReply);
    const asker = this.#takeOut(frame.id);
    if (asker === undefined) return;
    if (isReply && !isValue) this.#options.refused?.(asker.call, outcome);
    if (!this.#streams.isEmpty) this.#streams.drop(frame.id);
    const took = at - asker.sentAt;
    const waitedMs = Math.max(0, at - frame.sentAt);
    this.#latency.record(took, at);
    this.#outlier.record(!isValue && isFault(outcome), at);
    // The sweep has not been here yet, but the time is over all the same.
    if (at > asker.deadlineAt) asker.failed(deadlineExceeded(targetOf(asker.call), took), waitedMs);
    else if (isValue) asker.answered(outcome, at, waitedMs);
    else asker.failed(outcome, waitedMs);
  }

  /** Tells the peer that nobody waits for this answer any more. */
  cancel(id: number): void {
    this.#outbox.push({ ...emptyFrame, type: frameTypes.cancel, id }, nothing);
  }

  #takeOut(id: number): Asker | undefined {
    const asker = this.#waiting.take(id);
    asker?.call.cancellation?.unwatch(asker);
    return asker;
  }

  /** Frames arrive in order: after this answer the peer knows that it has seen every call. */
  #leave(): void {
    this.isGone = true;
    this.#options.onChange();
    this.#outbox.push({ ...emptyFrame, type: frameTypes.goaway }, nothing);
  }

  /**
   * One timer for all calls of the link costs a tenth of a timer per call. It goes off after what is
   * there has been read: to write to a peer that has ended would throw away its answers unread.
   */
  readonly #expire = (): void => {
    if (this.closed) return;
    const at = now();
    if (this.#waiting.size === 0) this.#stopSweep();
    else if (this.#silence.asks(at, this.#connected)) this.#ping();
    for (const asker of this.#waiting.list()) {
      if (asker.deadlineAt > at) continue;
      this.#takeOut(asker.id);
      this.cancel(asker.id);
      this.#streams.drop(asker.id);
      const took = at - asker.sentAt;
      this.#latency.record(took, at);
      this.#outlier.record(true, at);
      asker.failed(deadlineExceeded(targetOf(asker.call), took), 0);
    }
  };

  #ping(): void {
    this.#outbox.push({ ...emptyFrame, type: frameTypes.ping }, nothing);
  }

  #stopSweep(): void {
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #end(detail: string): void {
    if (this.closed) return;
    this.closed = true;
    this.#options.onChange();
    this.#stopSweep();
    const executed = this.#connected ? 'maybe' : 'no';
    this.#streams.close(unavailable('the stream', executed, detail));
    for (const asker of this.#waiting.list()) {
      this.#takeOut(asker.id);
      const target = targetOf(asker.call);
      asker.failed(
        withoutStack(() => unavailable(target, executed, detail)),
        0,
      );
    }
  }
}

/** Nobody listens there, and as each incarnation of a worker has a path of its own, nobody will. */
const isRefused = (error: NodeJS.ErrnoException): boolean =>
  error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
