import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copyOf } from '../../../src/sdk/rpc/copy/copy.ts';
import { bytesOf, packValue, unpackValue } from '../../../src/sdk/rpc/wire/payload.ts';
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

const recordOf = (names: readonly string[], values: readonly unknown[]): object => {
  const record = {};
  for (const [index, name] of names.entries()) {
    // Also `__proto__` as a key of its own.
    const value = values[index];
    Object.defineProperty(record, name, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return record;
};

describe('a copy for a service in the same worker', () => {
  test('is what would arrive over a link, whatever the value is', () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(outcome(() => copyOf(value))).toEqual(outcome(() => sent(value)));
      }),
      { seed, numRuns: 500 },
    );
  });

  test('is so as well of a record that has come a hundred times', () => {
    const keys = fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 8 }), { maxLength: 5 });
    const often = fc.tuple(keys, fc.array(anything, { minLength: 5, maxLength: 5 }));
    fc.assert(
      fc.property(
        often,
        fc.array(anything, { minLength: 5, maxLength: 5 }),
        ([names, first], then) => {
          const [before, after] = [first, then].map((values) => recordOf(names, values));
          for (let times = 0; times < 110; times += 1) copyOf(recordOf(names, [times, 'a', null]));
          expect(outcome(() => copyOf(before))).toEqual(outcome(() => sent(before)));
          expect(outcome(() => copyOf(after))).toEqual(outcome(() => sent(after)));
        },
      ),
      { seed, numRuns: 150 },
    );
  });

  test('holds nothing but its own keys, however often that record has come', () => {
    for (let times = 0; times < 200; times += 1) copyOf({ of: { id: 1, name: 'Ada' } });
    const of = { id: 2, name: 'Eve', [Symbol('secret')]: {} };
    const copy = copyOf({ of }) as { readonly of: object };
    expect(Reflect.ownKeys(copy.of)).toEqual(['id', 'name']);
    const more = copyOf({ of: { id: 3, name: 'Eve', mail: 'e' } });
    expect(more).toEqual({ of: { id: 3, name: 'Eve', mail: 'e' } });
    expect(copyOf({ of: { name: 'Eve', id: 4 } })).toEqual({ of: { name: 'Eve', id: 4 } });
    expect(copyOf({ of: { id: 5 } })).toEqual({ of: { id: 5 } });
    expect(() => copyOf({ of: { id: 6, name: new Set() } })).toThrow('a Set');
  });

  test('is not made of a promise, which somebody forgot to await', () => {
    const forgotten = { user: Promise.resolve({ id: 1 }) };
    for (const send of [copyOf, packValue]) {
      expect(() => send(forgotten)).toThrow('What was sent holds a promise');
      expect(() => send([forgotten.user])).toThrow('What was sent holds a promise');
    }
    expect(copyOf({ at: new Date(0) })).toEqual({ at: new Date(0) });
  });

  test('of more records of different keys than it remembers is right all the same', () => {
    const table = (number: number): object => ({ [`k${number}`]: number, [`l${number}`]: 'x' });
    for (let round = 0; round < 2; round += 1) {
      for (let number = 0; number < 3_000; number += 1) {
        expect(copyOf(table(number))).toEqual(table(number));
      }
    }
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
    expect(() => copyOf(self)).toThrow(expect.objectContaining({ code: 'PAYLOAD_REFUSED' }));
  });
});
