import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import type { ForgeError } from '../../../src/protocol/forge-error.ts';
import { httpError } from '../../../src/sdk/http-error.ts';
import {
  bytesOf,
  packCall,
  packError,
  packValue as packInPlace,
  unpackCall,
  unpackError,
  unpackValue,
} from '../../../src/sdk/rpc/wire/payload.ts';

const packValue = (value: unknown): Buffer => bytesOf(packInPlace(value));
const sent = (value: unknown): unknown => unpackValue(packValue(value));
const raised = (error: unknown): ForgeError => unpackError(bytesOf(packError(error)));
const call = {
  kind: 'call',
  service: 'users',
  method: 'getUser',
  args: [1],
  from: 'gateway',
} as const;
const badMessage = expect.objectContaining({ code: 'BAD_MESSAGE' });
const payloadRefused = expect.objectContaining({ code: 'PAYLOAD_REFUSED' });
const keys = (count: number): object =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index]));
const manyKeys = keys(65_535);
const long = 'x'.repeat(64 * 1024);

function nested(levels: number, inner: unknown = 1): unknown {
  return levels === 0 ? inner : [nested(levels - 1, inner)];
}

describe('a value on the wire', () => {
  test('arrives as it was, whatever JSON can say', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }).filter(hasNoSpecialKey), (value) => {
        expect(sent(value)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['a missing field', { a: undefined, b: [undefined] }],
    ['a date', new Date(1_700_000_000_123)],
    ['bytes', new Uint8Array([1, 2, 3])],
    ['a list of numbers', new Float64Array([1.5, -2])],
    ['a large number', 2n ** 80n],
    ['not a number', Number.NaN],
    ['as deep as it may be', nested(64)],
    ['many lists side by side', Array(1_000).fill([1])],
    ['with as many keys as there may be', manyKeys],
    ['a record of fields that classes have', { constructor: 1, toJSON: 'text', length: 2 }],
    ['a record without a prototype', Object.assign(Object.create(null), { toJSON: { a: 1 } })],
  ])('%s stays what it is', (_name, value) => {
    expect(sent(value)).toEqual(value);
  });

  test('of a class becomes plain data', () => {
    class Money {
      readonly cents = 5;
      get euros(): number {
        return this.cents / 100;
      }
    }
    const received = sent(new Money());
    expect(received).toEqual({ cents: 5 });
    expect(Object.getPrototypeOf(received)).toBe(Object.prototype);
  });

  test.each([
    ['a set', new Set([1])],
    ['an error', { settled: [{ reason: new TypeError('no') }] }],
    ['a regular expression', [/(a+)+$/]],
    ['deeper than it may be', nested(65)],
    ['with a key too many', [manyKeys, { k: 1 }]],
    ['a table too large', keys(65_536)],
    ['of more items than there may be', Array(1_000_001).fill(1)],
    ['a number of two kilobytes', 2n ** 16_384n],
  ])('that is %s is refused, whichever way it comes [E3] [E4]', (_name, value) => {
    expect(() => sent(value)).toThrow(payloadRefused);
    expect(() => unpackCall(bytesOf(packCall({ ...call, args: [nested(2, value)] })))).toThrow(
      payloadRefused,
    );
    expect(raised(Object.assign(new Error('no'), { facts: { value } }))).toMatchObject({
      code: 'INTERNAL',
      message: 'no',
      facts: {},
    });
  });

  test('that holds itself is refused', () => {
    const self: Record<string, unknown> = {};
    self['self'] = self;
    expect(() => packValue(self)).toThrow(payloadRefused);
  });
});

describe('no prototype is set from the wire [E2]', () => {
  const evil = JSON.parse(`{
    "__proto__": { "polluted": true },
    "constructor": { "prototype": { "polluted": true } },
    "nested": [{ "__proto__": { "polluted": true }, "prototype": { "polluted": true } }]
  }`);

  const everyObject = (value: unknown): readonly object[] =>
    typeof value !== 'object' || value === null
      ? []
      : [value, ...Object.values(value).flatMap(everyObject)];

  const expectPlain = (value: unknown): void => {
    for (const each of everyObject(value)) {
      const plain = Array.isArray(each) ? Array.prototype : Object.prototype;
      expect(Object.getPrototypeOf(each)).toBe(plain);
    }
    expect({}).not.toHaveProperty('polluted');
  };

  test('by arguments, answers or facts of an error', () => {
    expectPlain(unpackCall(bytesOf(packCall({ ...call, args: [evil, [evil]] }))).args);
    expectPlain(sent(evil));
    expectPlain(raised(Object.assign(new Error('no'), { facts: evil })).facts);
  });

  test('by a map, or by what another encoder writes of records, references and bundles [E4]', () => {
    expectPlain(sent(new Map([['__proto__', { polluted: true }]])));
    for (const more of [{ useRecords: true, sequential: true }, { structuredClone: true }]) {
      const other = new Packr({ useRecords: false, moreTypes: true, ...more });
      expect(() => unpackValue(other.pack([evil, evil]))).toThrow(payloadRefused);
    }
    const bundles = new Packr({ useRecords: false, bundleStrings: true });
    expect(() => unpackValue(bundles.pack(['word', 'words']))).toThrow(payloadRefused);
  });

  test('by bytes written by hand', () => {
    const key = Buffer.from('__proto__');
    const inner = packValue({ polluted: true });
    expectPlain(unpackValue(Buffer.concat([Buffer.from([0x81, 0xa0 + key.length]), key, inner])));
  });
});

// What no compiler lets a service write, a peer can.
const oddAuth = { sub: 'ada', roles: [1] as unknown as string[] };

describe('a call that is none is refused', () => {
  test.each([
    ['nothing', new Uint8Array(0)],
    ['noise', Buffer.from('\xc1\xff\x00', 'latin1')],
    ['half a payload', bytesOf(packCall(call)).subarray(0, -3)],
    ['an object', packValue({ ...call })],
    ['a list too short', packValue(['call', 'users'])],
    ['an unknown kind', packValue(['shutdown', 'users', 'a', [], 'b', 0])],
    ['a kind of Object', packValue(['__proto__', 'users', 'a', [], 'b', 0])],
    ['a service that is no text', packValue(['call', { a: 1 }, 'a', [], 'b', 0])],
    ['a method that is no text', packValue(['call', 'users', ['getUser'], [], 'b', 0])],
    ['arguments that are no list', packValue(['call', 'users', 'a', { length: 1 }, 'b', 0])],
    ['nobody who calls', packValue(['call', 'users', 'a', [], undefined, 0])],
    ['a context that is none', packValue(['call', 'users', 'a', [], 'b', 'x'])],
    ['hops that are none', packValue(['call', 'users', 'a', [], 'b', Number.NaN])],
    ['half a hop', packValue(['call', 'users', 'a', [], 'b', { hops: 0.5 }])],
    ['half a hop alone', packValue(['call', 'users', 'a', [], 'b', 0.5])],
    ['fewer hops than none', packValue(['call', 'users', 'a', [], 'b', -1])],
    ['more hops than there may be', packValue(['call', 'users', 'a', [], 'b', 17])],
    [
      'a baggage of 64 KB',
      bytesOf(packCall({ ...call, carried: { hops: 0, baggage: { a: long } } })),
    ],
    ['a role that is no text', bytesOf(packCall({ ...call, carried: { hops: 0, auth: oddAuth } }))],
  ])('%s', (_name, payload) => {
    expect(() => unpackCall(payload)).toThrow(badMessage);
  });

  test('while a good one arrives whole', () => {
    const received = unpackCall(bytesOf(packCall(call)));
    expect(received).toEqual({ ...call, carried: { hops: 0 } });
    const carried = { hops: 3, tenant: 'acme', auth: { sub: 'ada' }, baggage: { plan: 'gold' } };
    expect(unpackCall(bytesOf(packCall({ ...call, carried })))).toEqual({ ...call, carried });
  });
});

describe('an error on the wire', () => {
  test('keeps its code, message, remedy, status and facts', () => {
    const thrown = Object.assign(httpError(409, 'sold out'), {
      remedy: 'Order less.',
      facts: { left: 2 },
      stack: 'where it was thrown',
    });
    expect(raised(thrown)).toMatchObject({
      code: 'HTTP_409',
      message: 'sold out',
      remedy: 'Order less.',
      httpStatus: 409,
      facts: { left: 2 },
    });
    expect(raised(thrown).stack).not.toContain('where it was thrown');
  });

  test('has at most four causes, each cut to a thousand letters', () => {
    const chain = (levels: number): Error =>
      levels === 0
        ? new Error('x'.repeat(5_000))
        : Object.assign(new Error(`level ${levels}`, { cause: chain(levels - 1) }), {
            code: 'c'.repeat(500),
          });
    expect(messagesOf(raised(chain(1)))).toEqual(['level 1', 'x'.repeat(1_000)]);
    expect(messagesOf(raised(chain(9)))).toEqual([9, 8, 7, 6, 5].map((level) => `level ${level}`));
    expect((raised(chain(2)).cause as ForgeError).code).toHaveLength(100);
  });

  test('arrives also with a cause that goes in a circle, is no error, or cannot be looked at', () => {
    const circle: Error & { cause?: unknown } = new Error('round');
    circle.cause = circle;
    expect(messagesOf(raised(circle))).toEqual(Array(5).fill('round'));
    expect(messagesOf(raised(new Error('no', { cause: 'the wind' })))).toEqual(['no', 'the wind']);
    expect(messagesOf(raised(new Error('no', { cause: null })))).toEqual(['no']);
    const hidden = Object.defineProperty(new Error('no'), 'cause', {
      get: () => {
        throw new Error('hidden');
      },
    });
    expect(messagesOf(raised(hidden))).toEqual(['no']);
    expect(messagesOf(raised(failing({ facts: cyclic, cause: new Error('why') })))).toEqual([
      ...['no', 'why'],
    ]);
  });

  test.each([
    ['that knows of none', {}, ['no']],
    ['that sends none', { causes: 7, cause: 'x' }, ['no']],
    [
      'that sends some that are none',
      { causes: [null, 1, { message: 2 }, { message: 'ok', code: 3 }] },
      ['no', 'ok'],
    ],
    [
      'that sends too many',
      { causes: Array(9).fill({ message: 'z'.repeat(2_000) }) },
      ['no', ...Array(4).fill('z'.repeat(1_000))],
    ],
  ])('of a peer %s has those causes that can be read', (_name, more, messages) => {
    expect(messagesOf(unpackError(packValue({ code: 'NO', message: 'no', ...more })))).toEqual(
      messages,
    );
  });

  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;

  test.each([
    ['a text', 'sold out', 'sold out'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a symbol', Symbol('x'), 'Symbol(x)'],
    ['an object without prototype', Object.create(null), 'something that is no error was thrown'],
    ['an error with facts that cannot travel', failing({ facts: cyclic }), 'no'],
    ['an error with a symbol among its facts', failing({ facts: { a: Symbol('x') } }), 'no'],
    ['an error whose message is no text', failing({ message: { a: 1 } }), '[object Object]'],
  ])('arrives also when %s was thrown', (_name, thrown, message) => {
    expect(raised(thrown)).toMatchObject({ code: 'INTERNAL', message });
  });

  test('that is none is refused', () => {
    expect(() => unpackError(packValue('oops'))).toThrow(badMessage);
    expect(() => unpackError(packValue(null))).toThrow(badMessage);
    expect(() => unpackError(new Uint8Array(0))).toThrow(badMessage);
  });
});

/** Of an error and its causes, the nearest first. */
function messagesOf({ message, cause }: Error): readonly string[] {
  return cause === undefined ? [message] : [message, ...messagesOf(cause as Error)];
}

function failing(fields: object): Error {
  return Object.assign(new Error('no'), fields);
}

/** `__proto__` is renamed on the way, and -0 has no sign there. */
function hasNoSpecialKey(value: unknown): boolean {
  return !JSON.stringify(value).includes('__proto__');
}
