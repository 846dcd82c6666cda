import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copyOf } from '../../../src/sdk/rpc/copy.ts';
import { bytesOf, packValue, unpackValue } from '../../../src/sdk/rpc/payload.ts';
import { seed } from '../../helpers/seed.ts';

const sent = (value: unknown): unknown => unpackValue(bytesOf(packValue(value)));
const outcome = (run: () => unknown): unknown => {
  try {
    return { value: run() };
  } catch (error) {
    return { failed: (error as Error).name };
  }
};

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withTypedArray: true,
  withUnicodeString: true,
});

describe('a copy for a service in the same worker', () => {
  test('is what would arrive over a link, whatever the value is', () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(outcome(() => copyOf(value))).toEqual(outcome(() => sent(value)));
      }),
      { seed, numRuns: 500 },
    );
  });

  test('shares nothing with the original', () => {
    const bytes = Buffer.from('abc');
    const original = { list: [{ a: 1 }], bytes, when: new Date(0) };
    const copy = copyOf(original) as typeof original;
    const { list } = copyOf({ list: original.list }) as typeof original;
    original.list.push({ a: 2 });
    bytes.fill(0);
    expect(copy.list).toEqual([{ a: 1 }]);
    expect(list).toEqual([{ a: 1 }]);
    expect(String(copy.bytes)).toBe('abc');
  });

  test('keeps its bytes when the next value is copied', () => {
    const first = copyOf({ bytes: Buffer.from('first') }) as { readonly bytes: Buffer };
    copyOf({ bytes: Buffer.from('other') });
    expect(String(first.bytes)).toBe('first');
  });

  test('of what holds itself is refused', () => {
    const self: Record<string, unknown> = {};
    self['self'] = self;
    expect(() => copyOf(self)).toThrow(RangeError);
  });
});
