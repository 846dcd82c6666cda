import { expect, test } from 'vitest';
import { unpackValue } from '../../src/sdk/rpc/wire/payload.ts';

const many = [255, 255, 255, 255] as const;
const deep = (type: number): readonly number[] => Array<number>(1_000_000).fill(type);

/** A table of numbers, each under a key of its own of four digits. */
const manyKeys = (count: number): readonly number[] => [
  ...[0xdf, 0, count >> 16, (count >> 8) & 255, count & 255],
  ...Array.from({ length: count }, (_, index) => [0xcd, (index >> 8) & 255, index & 255, 1]).flat(),
];

const bombs: Readonly<
  Record<string, { readonly bytes: readonly number[]; readonly code: string }>
> = {
  'a list that says it has four thousand million members': {
    bytes: [0xdd, ...many],
    code: 'PAYLOAD_REFUSED',
  },
  'a table that says so': { bytes: [0xdf, ...many], code: 'PAYLOAD_REFUSED' },
  'bytes that say so': { bytes: [0xc6, ...many], code: 'BAD_MESSAGE' },
  'a text that says so': { bytes: [0xdb, ...many], code: 'BAD_MESSAGE' },
  'a list that says it has eight million, and has a hundred': {
    bytes: [0xdd, 0, 0x7a, 0x12, 0, ...Array<number>(100).fill(0)],
    code: 'PAYLOAD_REFUSED',
  },
  'a list that says it has a million, and has a hundred': {
    bytes: [0xdd, 0, 0x0f, 0x42, 0x40, ...Array<number>(100).fill(0)],
    code: 'BAD_MESSAGE',
  },
  'a table of a million keys': { bytes: manyKeys(1_000_000), code: 'PAYLOAD_REFUSED' },
  'a list in a million lists': { bytes: deep(0x91), code: 'PAYLOAD_REFUSED' },
  'a table in a million tables': { bytes: deep(0x81), code: 'PAYLOAD_REFUSED' },
  'a type that nobody knows': { bytes: [0xc7, 1, 0x55, 0], code: 'PAYLOAD_REFUSED' },
};

test.for(Object.entries(bombs))('%s is refused, and no room is made for it', ([, bomb]) => {
  const payload = Buffer.from(bomb.bytes);
  const before = process.memoryUsage.rss();
  expect(() => unpackValue(payload)).toThrow(expect.objectContaining({ code: bomb.code }));
  expect(process.memoryUsage.rss() - before).toBeLessThan(10 * 2 ** 20);
});
