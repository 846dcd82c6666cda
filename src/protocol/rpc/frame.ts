import { badMessage, messageTooLarge } from '../errors.ts';

/**
 * One frame of the link between two processes, all numbers little-endian:
 * length u32 (of what follows), type u8, id u32, remaining deadline f64 (ms), moment of sending
 * f64 (ms since the epoch), trace length u8, trace (ASCII), payload. Types above 7 are kept for streams.
 */
export const frameTypes = { call: 1, reply: 2, error: 3, ping: 4, goaway: 5, cancel: 6 } as const;
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

export const encodeFrame = (frame: Frame): Buffer => {
  const trace = Buffer.from(frame.traceparent, 'latin1').subarray(0, 255);
  const length = headerBytes + trace.length + frame.payload.length;
  if (length > maxFrameBytes) throw messageTooLarge(length, maxFrameBytes);
  const out = Buffer.allocUnsafe(4 + length);
  out.writeUInt32LE(length, 0);
  out.writeUInt8(frame.type, 4);
  out.writeUInt32LE(frame.id, 5);
  out.writeDoubleLE(frame.deadlineMs, 9);
  out.writeDoubleLE(frame.sentAt, 17);
  out.writeUInt8(trace.length, 25);
  out.set(trace, 26);
  out.set(frame.payload, 26 + trace.length);
  return out;
};

const known: ReadonlySet<number> = new Set(Object.values(frameTypes));

const decodeBody = (body: Buffer): Frame => {
  const type = body.readUInt8(0);
  if (!known.has(type)) throw badMessage('The peer', `frame type ${type}`);
  const payloadAt = headerBytes + body.readUInt8(21);
  if (payloadAt > body.length) throw badMessage('The peer', 'a frame shorter than its header');
  return {
    // The set above holds exactly the members of FrameType.
    type: type as FrameType,
    id: body.readUInt32LE(1),
    deadlineMs: body.readDoubleLE(5),
    sentAt: body.readDoubleLE(13),
    traceparent: body.toString('latin1', headerBytes, payloadAt),
    payload: body.subarray(payloadAt),
  };
};

/** Cuts a byte stream into frames; throws `BAD_MESSAGE` on garbage. */
export class FrameDecoder {
  #chunks: Buffer[] = [];
  #buffered = 0;

  /** A frame has begun, and has not ended yet. */
  get isInside(): boolean {
    return this.#buffered > 0;
  }

  push(chunk: Buffer): readonly Frame[] {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const first = this.#chunks[0];
    if (first !== undefined && first.length >= 4 && this.#buffered < this.#needed(first)) return [];
    return this.#cut(this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks));
  }

  #needed(first: Buffer): number {
    const length = first.readUInt32LE(0);
    if (length < headerBytes || length > maxFrameBytes) {
      throw badMessage('The peer', `a frame of ${length} bytes`);
    }
    return 4 + length;
  }

  #cut(all: Buffer): readonly Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (all.length - at >= 4) {
      const end = at + this.#needed(all.subarray(at, at + 4));
      if (end > all.length) break;
      frames.push(decodeBody(all.subarray(at + 4, end)));
      at = end;
    }
    this.#chunks = at === all.length ? [] : [all.subarray(at)];
    this.#buffered = all.length - at;
    return frames;
  }
}
