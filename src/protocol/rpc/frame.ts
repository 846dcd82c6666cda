import { badMessage, messageTooLarge } from '../errors.ts';

/**
 * One frame of the link between two processes, all numbers little-endian:
 * length u32 (of what follows), type u8, id u32, remaining deadline f64 (ms), moment of sending
 * f64 (ms since the epoch), trace length u8, trace (ASCII), payload.
 */
export const frameTypes = {
  call: 1,
  reply: 2,
  error: 3,
  ping: 4,
  goaway: 5,
  cancel: 6,
  /** A call whose last argument is a stream that follows. */
  upload: 7,
  /** In place of a reply: the answer is a stream that follows. */
  open: 8,
  /** One item of a stream, its end, and its end by an error. */
  data: 9,
  end: 10,
  reset: 11,
  /** The reader has room for so many items more, or reads no more. */
  window: 12,
  stop: 13,
  /** The first frame of each end: in place of an id, the version that it speaks. */
  hello: 14,
} as const;

/** Rises only when the meaning of a frame changes. */
export const linkVersion = 1;
export type FrameType = (typeof frameTypes)[keyof typeof frameTypes];

export type Frame = {
  readonly type: FrameType;
  readonly id: number;
  /** Remaining milliseconds; 0 when the frame has no deadline. */
  readonly deadlineMs: number;
  readonly sentAt: number;
  readonly traceparent: string;
  readonly payload: Uint8Array;
};

export const emptyFrame: Frame = {
  type: frameTypes.reply,
  id: 0,
  deadlineMs: 0,
  sentAt: 0,
  traceparent: '',
  payload: new Uint8Array(0),
};

export const maxFrameBytes = 8 * 1024 * 1024;

const headerBytes = 1 + 4 + 8 + 8 + 1;
const longestTrace = 255;

/** Methods of every Buffer that check nothing; `write` and `toString` cost five times as much. */
type Latin = {
  readonly latin1Write: (text: string, at: number, length: number) => number;
  readonly latin1Slice: (from: number, to: number) => string;
};
// The types of Node leave them out.
const latin = (bytes: Buffer): Latin => bytes as unknown as Latin;

/** Of the frame with this trace and so many bytes of payload, its length field included. */
export const sizeOf = (traceparent: string, payloadBytes: number): number =>
  4 + headerBytes + Math.min(traceparent.length, longestTrace) + payloadBytes;

/** Writes all but the payload, and gives the place where that begins. */
export const writeHead = (
  out: Buffer,
  { at, payloadBytes }: { readonly at: number; readonly payloadBytes: number },
  frame: Omit<Frame, 'payload'>,
): number => {
  const { traceparent } = frame;
  const length = sizeOf(traceparent, payloadBytes) - 4;
  if (length > maxFrameBytes) throw messageTooLarge(length, maxFrameBytes);
  out.writeUInt32LE(length, at);
  out[at + 4] = frame.type;
  out.writeUInt32LE(frame.id, at + 5);
  out.writeDoubleLE(frame.deadlineMs, at + 9);
  out.writeDoubleLE(frame.sentAt, at + 17);
  const traceBytes = Math.min(traceparent.length, longestTrace);
  out[at + 25] = traceBytes;
  if (traceBytes > 0) latin(out).latin1Write(traceparent, at + 26, traceBytes);
  return at + 26 + traceBytes;
};

export const encodeFrame = (frame: Frame): Buffer => {
  const { payload } = frame;
  const size = sizeOf(frame.traceparent, payload.length);
  const out = Buffer.allocUnsafe(Math.min(size, maxFrameBytes + 4));
  out.set(payload, writeHead(out, { at: 0, payloadBytes: payload.length }, frame));
  return out;
};

const known: readonly (true | undefined)[] = Object.values(frameTypes).reduce<true[]>(
  (list, type) => Object.assign(list, { [type]: true }),
  [],
);

/** A frame among the bytes that a socket received; what nobody reads is not decoded. */
class ReceivedFrame implements Frame {
  readonly #bytes: Buffer;
  readonly #at: number;
  readonly #end: number;
  readonly type: FrameType;
  readonly id: number;
  readonly deadlineMs: number;
  readonly sentAt: number;

  constructor(bytes: Buffer, at: number, end: number) {
    const type = bytes[at] ?? 0;
    if (known[type] === undefined) throw badMessage('The peer', `frame type ${type}`);
    if (at + headerBytes + (bytes[at + 21] ?? 0) > end) {
      throw badMessage('The peer', 'a frame shorter than its header');
    }
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    // The list above holds exactly the members of FrameType.
    this.type = type as FrameType;
    this.id = bytes.readUInt32LE(at + 1);
    this.deadlineMs = bytes.readDoubleLE(at + 5);
    this.sentAt = bytes.readDoubleLE(at + 13);
  }

  get traceparent(): string {
    const at = this.#at + headerBytes;
    return latin(this.#bytes).latin1Slice(at, at + this.#traceBytes);
  }

  get payload(): Buffer {
    return this.#bytes.subarray(this.#at + headerBytes + this.#traceBytes, this.#end);
  }

  get #traceBytes(): number {
    return this.#bytes[this.#at + 21] ?? 0;
  }
}

/**
 * Cuts a byte stream into frames; throws `BAD_MESSAGE` on garbage. Only a frame that came in several
 * pieces is put together, and nothing of what came behind it.
 */
export class FrameDecoder {
  #pieces: Buffer[] = [];
  #buffered = 0;

  /** A frame has begun, and has not ended yet. */
  get isInside(): boolean {
    return this.#buffered > 0;
  }

  push(chunk: Buffer): readonly Frame[] {
    const [first] = this.#pieces;
    if (first === undefined) return this.#cut([], chunk, 0);
    // Not even its length is whole.
    if (first.length < 4) return this.#cut([], Buffer.concat([first, chunk]), 0);
    const size = neededAt(first, 0);
    const missing = size - this.#buffered;
    if (chunk.length < missing) {
      this.#keep(chunk);
      return [];
    }
    const whole = Buffer.concat([...this.#pieces, chunk.subarray(0, missing)], size);
    return this.#cut([new ReceivedFrame(whole, 4, size)], chunk, missing);
  }

  #cut(frames: Frame[], bytes: Buffer, from: number): readonly Frame[] {
    let at = from;
    while (bytes.length - at >= 4) {
      const end = at + neededAt(bytes, at);
      if (end > bytes.length) break;
      frames.push(new ReceivedFrame(bytes, at + 4, end));
      at = end;
    }
    this.#pieces = [];
    this.#buffered = 0;
    if (at < bytes.length) this.#keep(bytes.subarray(at));
    return frames;
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#buffered += piece.length;
  }
}

/** Bytes of the frame that begins here, its length field included. */
const neededAt = (bytes: Buffer, at: number): number => {
  const length = bytes.readUInt32LE(at);
  if (length < headerBytes || length > maxFrameBytes) {
    throw badMessage('The peer', `a frame of ${length} bytes`);
  }
  return 4 + length;
};
