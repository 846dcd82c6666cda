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

/** The length of a frame as it says it; throws when it is one that no peer takes. */
export const lengthOf = (traceparent: string, payloadBytes: number): number => {
  const length = sizeOf(traceparent, payloadBytes) - 4;
  if (length > maxFrameBytes) throw messageTooLarge(length, maxFrameBytes);
  return length;
};

/** Writes all but the payload, and gives the place where that begins. */
export const writeHead = (
  out: Buffer,
  { at, payloadBytes }: { readonly at: number; readonly payloadBytes: number },
  frame: Omit<Frame, 'payload'>,
): number => {
  const { traceparent } = frame;
  const length = lengthOf(traceparent, payloadBytes);
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

type Place = { readonly at: number; readonly end: number; readonly isOwn: boolean };

/** A frame among the bytes that a socket received; what nobody reads is not decoded. */
export class ReceivedFrame implements Frame {
  #bytes: Buffer;
  readonly #at: number;
  readonly #end: number;
  readonly type: FrameType;
  readonly id: number;
  readonly deadlineMs: number;
  readonly sentAt: number;
  /** In memory that holds nothing else, where it stays. */
  readonly isOwn: boolean;

  constructor(bytes: Buffer, { at, end, isOwn }: Place) {
    const type = bytes[at] ?? 0;
    if (known[type] === undefined) throw badMessage('The peer', `frame type ${type}`);
    if (at + headerBytes + (bytes[at + 21] ?? 0) > end) {
      throw badMessage('The peer', 'a frame shorter than its header');
    }
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.isOwn = isOwn;
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

  /** It came whole in this chunk, and lies there still. */
  isIn(chunk: Buffer): boolean {
    return this.#bytes === chunk;
  }

  /** To a copy of its chunk, into whose memory others will come. */
  move(copy: Buffer): void {
    this.#bytes = copy;
  }

  get payload(): Buffer {
    return this.#bytes.subarray(this.#at + headerBytes + this.#traceBytes, this.#end);
  }

  get #traceBytes(): number {
    return this.#bytes[this.#at + 21] ?? 0;
  }
}

/**
 * What a peer says of the length is no reason to have so much ready for it: it is as much as one read
 * of a socket brings, or this many times what has come.
 */
const readBytes = 64 * 1024;
const aheadTimes = 4;
const none = Buffer.alloc(0);

/**
 * Cuts a byte stream into frames; throws `BAD_MESSAGE` on garbage. A frame that comes in several
 * pieces is put together in memory of its own; of a chunk nothing is kept.
 */
export class FrameDecoder {
  #partial: Buffer = none;
  #filled = 0;
  #size = 0;

  /** A frame has begun, and has not ended yet. */
  get isInside(): boolean {
    return this.#filled > 0;
  }

  push(chunk: Buffer): readonly ReceivedFrame[] {
    if (this.#filled === 0) return this.#cut([], chunk, 0);
    // Not even its length is whole.
    if (this.#filled < 4) {
      return this.#cut([], Buffer.concat([this.#partial.subarray(0, this.#filled), chunk]), 0);
    }
    const taken = Math.min(chunk.length, this.#size - this.#filled);
    this.#add(chunk.subarray(0, taken));
    if (this.#filled < this.#size) return [];
    const whole = new ReceivedFrame(this.#partial, { at: 4, end: this.#size, isOwn: true });
    return this.#cut([whole], chunk, taken);
  }

  #cut(frames: ReceivedFrame[], bytes: Buffer, from: number): readonly ReceivedFrame[] {
    let at = from;
    let size = sizeAt(bytes, at);
    this.#partial = none;
    this.#filled = 0;
    while (size > 0 && at + size <= bytes.length) {
      frames.push(new ReceivedFrame(bytes, { at: at + 4, end: at + size, isOwn: false }));
      at += size;
      size = sizeAt(bytes, at);
    }
    if (at < bytes.length) this.#begin(bytes.subarray(at), size);
    return frames;
  }

  #begin(piece: Buffer, size: number): void {
    this.#size = size;
    this.#add(piece);
  }

  #add(piece: Buffer): void {
    const filled = this.#filled + piece.length;
    if (filled > this.#partial.length) {
      const before = this.#partial;
      const ahead = Math.max(readBytes, filled * aheadTimes);
      const room = Math.max(filled, Math.min(this.#size, ahead));
      this.#partial = Buffer.allocUnsafeSlow(room);
      before.copy(this.#partial, 0, 0, this.#filled);
    }
    piece.copy(this.#partial, this.#filled);
    this.#filled = filled;
  }
}

/** Bytes of the frame that begins here, its length field included; 0 when that is not all there. */
const sizeAt = (bytes: Buffer, at: number): number => {
  if (bytes.length - at < 4) return 0;
  const length = bytes.readUInt32LE(at);
  if (length < headerBytes || length > maxFrameBytes) {
    throw badMessage('The peer', `a frame of ${length} bytes`);
  }
  return 4 + length;
};
