import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  absent,
  fromCode,
  packCodes,
  toCode,
  unpackCodes,
} from '../../../src/protocol/history/pack.ts';
import { seed } from '../../helpers/seed.ts';

test('a number is right to three digits', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 1e9, noNaN: true }), (value) => {
      expect(Math.abs(fromCode(toCode(value)) - value)).toBeLessThanOrEqual(value * 0.006);
    }),
    { seed },
  );
});

test('whole numbers below a thousand, nothing and absence come back as they were', () => {
  for (let value = 0; value < 1_000; value += 1) expect(fromCode(toCode(value))).toBe(value);
  expect(fromCode(toCode(Number.NaN))).toBeNaN();
  expect(toCode(Number.NaN)).toBe(absent);
  expect(fromCode(toCode(-3))).toBe(0);
  expect(toCode(Number.POSITIVE_INFINITY)).toBeLessThan(absent);
});

test('codes are two bytes each, the low one first, and may begin at any byte', () => {
  const bytes = packCodes([1, 0x1234, absent]);
  expect([...bytes]).toEqual([1, 0, 0x34, 0x12, 0xff, 0xff]);
  const shifted = Buffer.concat([Buffer.from([9]), bytes]).subarray(1);
  expect([...unpackCodes(shifted)]).toEqual([1, 0x1234, absent]);
});
