import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonText } from '../../src/sdk/front/answer/json-text.ts';
import { bytesOf, packValue, unpackValue } from '../../src/sdk/rpc/wire/payload.ts';

class Money {
  readonly #cents = 500;

  toJSON(): object {
    return { cents: this.#cents };
  }
}

class Listed {
  toJSON(): object {
    return { a: new Set() };
  }
}

class User {
  readonly id = 1;
  readonly tags = new Map([['a', 1]]);
}

test.each([
  ['a map', new Map<unknown, unknown>([['a', new Map([[1, 'x']])]]), '{"a":{"1":"x"}}'],
  ['an instance that holds one', [new User()], '[{"id":1,"tags":{"a":1}}]'],
  ['an array of numbers', { bytes: new Uint8Array([1, 2]) }, '{"bytes":[1,2]}'],
  ['a date', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
  ['bytes', Buffer.from('ab'), '{"type":"Buffer","data":[97,98]}'],
  ['what says itself how it is written', new Money(), '{"cents":500}'],
  ['what has no prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
  ['a function', () => 1, 'null'],
  ['a box', [Object('a'), Object(7), Object(false)], '["a",7,false]'],
  ['a record that has a function of that name', [{ a: 1, toJSON: () => 'x' }], '[{"a":1}]'],
])('%s is sent the same, over a link before or not', (_name, value, text) => {
  expect(jsonText(value)).toBe(text);
  if (typeof value === 'function') return;
  expect(jsonText(unpackValue(bytesOf(packValue(value))))).toBe(text);
});

const itself: { self?: object } = {};
itself.self = itself;

test.each([
  ['a promise', { user: Promise.resolve('the secret') }, 'Promise'],
  ['a set', new Set([1]), 'Set'],
  ['a stream', { rows: new Blob([]).stream() }, 'stream'],
  ['one deep in a map', { list: [new Map([['a', new Set()]])] }, 'Set'],
  ['one in what says itself how it is written', new Listed(), 'Set'],
  ['a symbol', { a: [Symbol('the secret')] }, 'Symbol'],
  ['an error', [new TypeError('the secret')], 'Error'],
  ['a pattern', { a: /the secret/ }, 'RegExp'],
  ['a map by objects', new Map([[{}, 1]]), 'Map'],
  ['a large integer', { id: 10n ** 20n }, 'BigInt'],
  ['an array of large integers', new BigInt64Array(1), 'BigInt'],
  ['what holds itself', itself, 'circular'],
])(
  '%s is refused, and the reason says which kind it is and nothing of it',
  (_name, value, kind) => {
    const refusal = expect.objectContaining({
      code: 'ANSWER_NOT_JSON',
      message: expect.stringContaining(kind),
    });
    expect(() => jsonText(value)).toThrow(refusal);
    expect(() => jsonText(value)).not.toThrow(/the secret/);
  },
);

test('data is written as it always was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(jsonText(value)).toBe(JSON.stringify(value));
    }),
  );
});

test('what is nested deeper than anything that is looked through first is written all the same', () => {
  let deep: object = { set: new Map([['a', 1]]) };
  for (let level = 0; level < 200; level += 1) deep = { deep };
  expect(jsonText(deep)).toContain('{"set":{"a":1}}');
});

test('half of a letter, which is no text, is sent as the sign for such, over a link before or not', () => {
  const value = { 'k\ud800': ['a\udfffb', '\\ud800', '\ud83d\ude00'] };
  expect(jsonText(value)).toBe('{"k\ufffd":["a\ufffdb","\\\\ud800","😀"]}');
  const sent = jsonText(unpackValue(bytesOf(packValue(value))));
  // The codec may write several for one.
  expect(sent.replaceAll(/\ufffd+/g, '\ufffd')).toBe(jsonText(value));
});
