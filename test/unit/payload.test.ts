import { expect, test } from 'vitest';
import { unpackValue } from '../../src/sdk/rpc/payload.ts';

const many = [255, 255, 255, 255] as const;
const deep = (type: number): readonly number[] => Array<number>(1_000_000).fill(type);

const bombs: Readonly<Record<string, readonly number[]>> = {
  'a list that says it has four thousand million members': [0xdd, ...many],
  'a table that says so': [0xdf, ...many],
  'bytes that say so': [0xc6, ...many],
  'a text that says so': [0xdb, ...many],
  'a list that says it has eight million, and has a hundred': [
    ...[0xdd, 0, 0x7a, 0x12, 0],
    ...Array<number>(100).fill(0),
  ],
  'a list in a million lists': deep(0x91),
  'a table in a million tables': deep(0x81),
  'a type that nobody knows': [0xc7, 1, 0x55, 0],
};

test.for(Object.entries(bombs))('%s is refused, and no room is made for it', ([, bytes]) => {
  const payload = Buffer.from(bytes);
  const before = process.memoryUsage.rss();
  expect(() => unpackValue(payload)).toThrow(expect.objectContaining({ code: 'BAD_MESSAGE' }));
  expect(process.memoryUsage.rss() - before).toBeLessThan(10 * 2 ** 20);
});
