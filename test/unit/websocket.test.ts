import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closeCodes, closeFrame, FrameTracker } from '../../src/protocol/websocket.ts';

const frame = (length: number, isMasked: boolean): Buffer => {
  const mask = isMasked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.from([0x82, mask | length])
      : length < 65_536
        ? Buffer.from([0x82, mask | 126, length >> 8, length & 0xff])
        : Buffer.from([0x82, mask | 127, 0, 0, 0, 0, 0, length >> 16, length >> 8, length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(isMasked ? 4 : 0), Buffer.alloc(length, 0xff)]);
};

const lengths = fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 70_000 }));
const frames = fc.array(fc.tuple(lengths, fc.boolean()), { minLength: 1, maxLength: 5 });

test('however frames are cut, their ends are found', () => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 5_000 }), (shapes, size) => {
      const parts = shapes.map(([length, isMasked]) => frame(length, isMasked));
      const all = Buffer.concat(parts);
      const ends = new Set<number>();
      for (const part of parts) ends.add((Math.max(0, ...ends) || 0) + part.length);
      const tracker = new FrameTracker();
      for (let at = 0; at < all.length; at += size) {
        const chunk = all.subarray(at, at + size);
        const end = tracker.push(chunk);
        const first = [...ends].find((each) => each > at && each <= at + chunk.length);
        expect(end).toBe(first === undefined ? undefined : first - at);
        expect(tracker.isBetweenFrames).toBe(ends.has(at + chunk.length));
      }
    }),
    { numRuns: 200 },
  );
});

test('a close frame is one whole frame with its code', () => {
  const bytes = closeFrame(closeCodes.serviceRestart);
  expect([...bytes]).toEqual([0x88, 2, 0x03, 0xf4]);
  expect(new FrameTracker().push(bytes)).toBe(bytes.length);
});
