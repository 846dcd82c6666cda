import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  emptyFrame,
  encodeFrame,
  type Frame,
  FrameDecoder,
  frameTypes,
  maxFrameBytes,
} from '../../../src/protocol/rpc/frame.ts';

const ascii = fc.string({ unit: 'binary-ascii', maxLength: 255 });

const frame: fc.Arbitrary<Frame> = fc.record({
  type: fc.constantFrom(...Object.values(frameTypes)),
  id: fc.integer({ min: 0, max: 0xffff_ffff }),
  deadlineMs: fc.double({ noNaN: true }),
  sentAt: fc.double({ noNaN: true }),
  traceparent: ascii,
  payload: fc.uint8Array({ maxLength: 300 }),
});

const bytesOf = (frames: readonly Frame[]): Buffer => Buffer.concat(frames.map(encodeFrame));

/** Plain bytes, so that frames can be compared whatever kind of view holds them. */
const plain = (frames: readonly Frame[]): readonly object[] =>
  frames.map(({ type, id, deadlineMs, sentAt, traceparent, payload }) => ({
    ...{ type, id, deadlineMs, sentAt, traceparent },
    payload: [...payload],
  }));

const decode = (...chunks: readonly Buffer[]): readonly Frame[] => {
  const decoder = new FrameDecoder();
  return chunks.flatMap((chunk) => decoder.push(chunk));
};

const badMessage = expect.objectContaining({ code: 'BAD_MESSAGE' });

describe('frames', () => {
  test('arrive as they were sent, wherever the stream is cut in two', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 3 }), (frames) => {
        const bytes = bytesOf(frames);
        for (let cut = 0; cut <= bytes.length; cut += 1) {
          const received = decode(bytes.subarray(0, cut), bytes.subarray(cut));
          expect(plain(received)).toEqual(plain(frames));
        }
      }),
      { numRuns: 15 },
    );
  });

  test('arrive as they were sent, one byte at a time and in chunks of any size', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 }),
        (frames, sizes) => {
          const bytes = bytesOf(frames);
          expect(plain(decode(...cutInto(bytes, [1])))).toEqual(plain(frames));
          expect(plain(decode(...cutInto(bytes, sizes)))).toEqual(plain(frames));
        },
      ),
    );
  });

  test('of several links do not mix, however their chunks are interleaved', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(frame, { maxLength: 4 }), { minLength: 2, maxLength: 4 }),
        fc.infiniteStream(fc.nat()),
        (links, choices) => {
          const queues = links.map((frames) => cutInto(bytesOf(frames), [7, 31]));
          const decoders = links.map(() => new FrameDecoder());
          const received: Frame[][] = links.map(() => []);
          while (queues.some((queue) => queue.length > 0)) {
            const open = [...queues.keys()].filter((index) => queues[index]?.length);
            const index = open[choices.next().value % open.length] ?? 0;
            const chunk = queues[index]?.shift() ?? Buffer.alloc(0);
            received[index]?.push(...(decoders[index]?.push(chunk) ?? []));
          }
          expect(received.map(plain)).toEqual(links.map(plain));
        },
      ),
    );
  });

  test('of 8 MB pass, and a larger one is refused before it is sent', () => {
    const header = encodeFrame(emptyFrame).length - 4;
    const largest = { ...emptyFrame, payload: Buffer.alloc(maxFrameBytes - header, 7) };
    const [received] = decode(...cutInto(encodeFrame(largest), [64 * 1024]));
    expect(received?.payload.length).toBe(largest.payload.length);

    const larger = { ...emptyFrame, payload: Buffer.alloc(maxFrameBytes - header + 1) };
    expect(() => encodeFrame(larger)).toThrow(
      expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }),
    );
  });

  const lengthOf = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };
  const changed = (at: number, value: number): Buffer => {
    const bytes = encodeFrame({ ...emptyFrame, traceparent: 'trace' });
    bytes.writeUInt8(value, at);
    return bytes;
  };

  test.each([
    ['longer than 8 MB', lengthOf(maxFrameBytes + 1)],
    ['of 4 GB', Buffer.alloc(4, 0xff)],
    ['shorter than a header', lengthOf(21)],
    ['of no length', lengthOf(0)],
    ['of a type that nobody knows', changed(4, 99)],
    ['of type 0', changed(4, 0)],
    ['that ends within its trace', changed(25, 200)],
    ['of plain text', Buffer.from('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')],
  ])('%s are refused, also after good ones and one byte at a time', (_name, garbage) => {
    const good = encodeFrame(emptyFrame);
    expect(() => decode(garbage)).toThrow(badMessage);
    expect(() => decode(Buffer.concat([good, garbage]))).toThrow(badMessage);
    expect(() => decode(...cutInto(Buffer.concat([good, garbage]), [1]))).toThrow(badMessage);
  });

  test('that have begun and not ended are waited for', () => {
    const bytes = encodeFrame({ ...emptyFrame, payload: Buffer.from('hello') });
    const decoder = new FrameDecoder();
    expect(decoder.push(bytes.subarray(0, -1))).toEqual([]);
    expect(decoder.isInside).toBe(true);
    expect(decoder.push(bytes.subarray(-1))).toHaveLength(1);
    expect(decoder.isInside).toBe(false);
  });

  test('of noise are refused with BAD_MESSAGE or waited for, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }), (chunks) => {
        try {
          decode(...chunks.map((chunk) => Buffer.from(chunk)));
        } catch (error) {
          expect(error).toEqual(badMessage);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('are given memory as they come, whatever a peer says of their length', () => {
    const head = encodeFrame({ ...emptyFrame, payload: Buffer.alloc(1_000) }).subarray(0, 100);
    head.writeUInt32LE(maxFrameBytes, 0);
    const decoders = Array.from({ length: 100 }, () => new FrameDecoder());
    const before = process.memoryUsage().arrayBuffers;
    for (const decoder of decoders) decoder.push(head);
    const perFrame = (process.memoryUsage().arrayBuffers - before) / decoders.length;
    expect(decoders.every(({ isInside }) => isInside)).toBe(true);
    expect(perFrame).toBeLessThan(100 * 1024);
  });
});

/** Cuts bytes into chunks of these sizes, over and over. */
function cutInto(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
