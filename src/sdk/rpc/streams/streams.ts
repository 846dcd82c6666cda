import { badMessage } from '../../../protocol/errors.ts';
import { emptyFrame, type Frame, type FrameType, frameTypes } from '../../../protocol/rpc/frame.ts';
import type { Outbox } from '../wire/outbox.ts';
import {
  nothing,
  type Packed,
  packError,
  packValue,
  unpackError,
  unpackReceived,
  unpackValue,
} from '../wire/payload.ts';
import { Inflow } from './inflow.ts';
import { Outflow } from './outflow.ts';
import { windowItems } from './stream.ts';

/** In memory that is its own, or that something else will come into. */
type Incoming = Frame & { readonly isOwn?: boolean };

type Sending = {
  /** Writes down one item. */
  readonly pack?: (item: unknown) => Packed;
  /** Is told of the item that could not be sent. */
  readonly refused?: (error: unknown) => void;
  readonly done?: () => void;
};

/** The streams of one socket, one each way for each call. */
export class Streams {
  readonly #outbox: Outbox;
  readonly #in = new Map<number, Inflow>();
  readonly #out = new Map<number, Outflow>();

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** What the peer sends along with this call. */
  receive(id: number): Inflow {
    const inflow = new Inflow({
      grant: (items) => this.#say(frameTypes.window, id, packValue(items)),
      stop: () => {
        this.#in.delete(id);
        this.#say(frameTypes.stop, id);
      },
    });
    this.#in.set(id, inflow);
    return inflow;
  }

  /** Sends it along with this call, as soon as the peer has room. Throws when somebody else reads it. */
  send(id: number, source: AsyncIterable<unknown>, sending: Sending = {}): void {
    const { pack = packValue, refused, done } = sending;
    const outflow = new Outflow(source, {
      data: (item) => this.#say(frameTypes.data, id, pack(item)),
      room: () => this.#outbox.room(),
      end: () => this.#say(frameTypes.end, id),
      fail: (error) => this.#fail(id, error),
      refused,
      done: () => {
        this.#out.delete(id);
        done?.();
      },
    });
    this.#out.set(id, outflow);
  }

  /** Whether the frame was about a stream; one that has ended meanwhile is no mistake. */
  take(frame: Incoming): boolean {
    const { id, type } = frame;
    switch (type) {
      case frameTypes.data:
        this.#arrived(frame);
        return true;
      case frameTypes.end:
        this.#takeIn(id)?.ended();
        return true;
      case frameTypes.reset:
        this.#takeIn(id)?.failed(unpackError(frame.payload));
        return true;
      case frameTypes.window:
        this.#out.get(id)?.grant(roomIn(frame));
        return true;
      case frameTypes.stop:
        this.#out.get(id)?.stop();
        return true;
      case frameTypes.hello:
      case frameTypes.call:
      case frameTypes.upload:
      case frameTypes.reply:
      case frameTypes.open:
      case frameTypes.error:
      case frameTypes.ping:
      case frameTypes.goaway:
      case frameTypes.cancel:
        return false;
    }
  }

  /** The call has failed or is over: what came or went along with it is, too. */
  drop(id: number, error?: unknown): void {
    this.#out.get(id)?.stop();
    const inflow = this.#takeIn(id);
    if (error === undefined) inflow?.ended();
    else inflow?.failed(error);
  }

  isReading(id: number): boolean {
    return this.#in.has(id);
  }

  get isEmpty(): boolean {
    return this.#in.size === 0 && this.#out.size === 0;
  }

  /** The socket has closed. */
  close(error: unknown): void {
    for (const id of [...this.#in.keys(), ...this.#out.keys()]) this.drop(id, error);
  }

  /** Of an item that nobody takes the stream ends on both sides, and nothing else on the link. */
  #arrived({ id, payload, isOwn = false }: Incoming): void {
    const inflow = this.#in.get(id);
    if (inflow === undefined) return;
    const { isValue, outcome } = unpackReceived({ payload, isOwn });
    if (isValue) {
      inflow.arrived(outcome);
      return;
    }
    this.#takeIn(id)?.failed(outcome);
    this.#say(frameTypes.stop, id);
  }

  #fail(id: number, error: unknown): void {
    try {
      this.#say(frameTypes.reset, id, packError(error));
    } catch (tooLarge) {
      this.#say(frameTypes.reset, id, packError(tooLarge));
    }
  }

  #takeIn(id: number): Inflow | undefined {
    const inflow = this.#in.get(id);
    this.#in.delete(id);
    return inflow;
  }

  #say(type: FrameType, id: number, payload: Packed = nothing): void {
    this.#outbox.push({ ...emptyFrame, type, id }, payload);
  }
}

const roomIn = ({ payload }: Frame): number => {
  const items = unpackValue(payload);
  if (Number.isInteger(items) && Number(items) > 0 && Number(items) <= windowItems) {
    return Number(items);
  }
  throw badMessage('The peer', `room for ${String(items)} items`);
};
