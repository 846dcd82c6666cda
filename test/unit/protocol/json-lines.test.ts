import { StringDecoder } from 'node:string_decoder';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeLine, LineDecoder, maxLineBytes } from '../../../src/protocol/json-lines.ts';

const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 2 }));
const badMessage = expect.objectContaining({ code: 'BAD_MESSAGE' });

/** As a socket with `setEncoding('utf8')` hands them on. */
const asText = (chunks: readonly Buffer[]): readonly string[] => {
  const text = new StringDecoder('utf8');
  return [...chunks.map((chunk) => text.write(chunk)), text.end()];
};

const decode = (chunks: readonly string[]): readonly object[] => {
  const decoder = new LineDecoder('The client');
  return chunks.flatMap((chunk) => [...decoder.push(chunk)]);
};

const asJson = (values: readonly object[]): unknown => JSON.parse(JSON.stringify(values));

test('objects arrive as they were sent, wherever the bytes are cut in two', () => {
  fc.assert(
    fc.property(fc.array(object, { minLength: 1, maxLength: 3 }), (objects) => {
      const bytes = Buffer.from(objects.map(encodeLine).join(''));
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        const chunks = asText([bytes.subarray(0, cut), bytes.subarray(cut)]);
        expect(decode(chunks)).toEqual(asJson(objects));
      }
    }),
    { numRuns: 30 },
  );
});

test('a character of four bytes may be cut at each of them', () => {
  const message = { text: 'größe 😀 \u2028 \n' };
  const chunks = [...Buffer.from(encodeLine(message))].map((byte) => Buffer.from([byte]));
  expect(decode(asText(chunks))).toEqual([message]);
});

test('a line of 8 MB passes, and one byte more is refused while it is still coming', () => {
  const frame = Buffer.byteLength('{"a":""}');
  const line = (bytes: number): string => JSON.stringify({ a: 'ü'.repeat((bytes - frame) / 2) });
  const pieces = (text: string): readonly string[] => text.match(/.{1,65536}/gs) ?? [];

  expect(decode([...pieces(line(maxLineBytes)), '\n'])).toHaveLength(1);
  expect(decode([`${line(maxLineBytes)}\n`])).toHaveLength(1);
  expect(() => decode([...pieces(line(maxLineBytes + 2))])).toThrow(badMessage);
  expect(() => decode([`${line(maxLineBytes + 2)}\n`])).toThrow(badMessage);
});

test.each([
  ['text that is no JSON', 'hello'],
  ['half an object', '{"a":'],
  ['two objects on a line', '{} {}'],
  ['a number', '1'],
  ['null', 'null'],
  ['a list', '[{"type":"hello"}]'],
  ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0xc0]).toString('utf8')],
])('%s is refused, and what came before it was heard', (_name, line) => {
  expect(() => decode([`${line}\n`])).toThrow(badMessage);

  const heard: object[] = [];
  const listen = (): void => {
    for (const each of new LineDecoder('The client').push(`{"a":1}\n${line}\n`)) heard.push(each);
  };
  expect(listen).toThrow(badMessage);
  expect(heard).toEqual([{ a: 1 }]);
});

test('empty lines are passed over', () => {
  expect(decode(['\n\r\n', '{"a":1}\r\n\n'])).toEqual([{ a: 1 }]);
});

test('a key __proto__ is a key like any other', () => {
  const [message] = decode(['{"__proto__":{"role":"operator"}}\n']);
  expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
  expect((message as { readonly role?: string }).role).toBeUndefined();
});
