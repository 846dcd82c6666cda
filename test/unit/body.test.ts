import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { readBody } from '../../src/sdk/front/body.ts';

const megabyte = 2 ** 20;

type Headers = Readonly<Record<string, string>>;

/** What becomes of a body that is sent with these headers, and no others that speak of it. */
const readWith = async (body: string, headers: Headers): Promise<unknown> => {
  const outcome = Promise.withResolvers<unknown>();
  const server = createServer((request, response) => {
    readBody(request, 20 * megabyte).then(outcome.resolve, outcome.reject);
    outcome.promise.catch(() => undefined).finally(() => response.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // Of a text `fetch` would say that it is plain text.
  const sent = { body: Buffer.from(body), headers: { ...headers, connection: 'close' } };
  await fetch(`http://127.0.0.1:${port}`, { method: 'POST', ...sent });
  server.close();
  return outcome.promise;
};

const read = (body: string, type = 'application/json'): Promise<unknown> =>
  readWith(body, { 'content-type': type });

const form = 'application/x-www-form-urlencoded';
const keys = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `"k${index}":[]`);
const fields = (count: number): string =>
  Array.from({ length: count }, (_, index) => `k${index}=:`).join('&');
const refused = (message: string) =>
  expect.objectContaining({ httpStatus: 400, message: expect.stringContaining(message) });

test.each([
  ['one table of too many keys', `{${keys(65_536).join(',')}}`, undefined],
  ['many tables of too many keys', `[${keys(65_536).map((key) => `{${key}}`)}]`, undefined],
  ['a form of too many fields', fields(65_536), form],
])('%s is refused', async (_name, body, type) => {
  await expect(read(body, type)).rejects.toEqual(refused('65535 keys'));
});

test('as many keys as there may be are taken, and signs in texts count for nothing', async () => {
  expect(Object.keys((await read(`{${keys(65_535).join(',')}}`)) as object)).toHaveLength(65_535);
  expect(Object.keys((await read(fields(65_535), form)) as object)).toHaveLength(65_535);
  const text = '[{":'.repeat(70_000);
  expect(await read(JSON.stringify([text]))).toEqual([text]);
});

test('a text may be as long as the body, whatever is in it', async () => {
  for (const sign of ['x', '"', '\\', '\\"', '{']) {
    const text = sign.repeat((9 * megabyte) / sign.length);
    expect((await read(JSON.stringify([text]))) as string[]).toHaveLength(1);
  }
  const nested = `${'['.repeat(65)}${']'.repeat(65)}`;
  // Of the two the first text ends before the brackets, and the second behind them.
  await expect(read(String.raw`["\\", ${nested}, ""]`)).rejects.toEqual(refused('deeper than 64'));
  expect(await read(String.raw`["\\\"", "\", ${nested}, "]`)).toHaveLength(2);
});

test('64 levels are taken, and 65 refused', async () => {
  const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  expect(await read(nested(64))).toBeInstanceOf(Array);
  await expect(read(nested(65))).rejects.toEqual(refused('deeper than 64'));
});

test.each([
  'application/json',
  'application/json; charset=utf-8',
  'Application/JSON ;charset=utf-8',
  'application/merge-patch+json',
  'application/vnd.api+json; version=1',
])('a body is JSON as %s', async (type) => {
  expect(await read('{"a":1}', type)).toEqual({ a: 1 });
});

describe('JSON is not read from a body that is none by what it says', () => {
  const unsupported = expect.objectContaining({ httpStatus: 415, code: 'HTTP_415' });

  test.each([
    'text/plain',
    'text/plain;charset=UTF-8',
    'text/plain; application/json',
    'text/plain, application/json',
    'text/plain;a=+json',
    'text/json',
    'application/octet-stream',
    'application/jsonp',
    'application/x-www-form-urlencoded-not',
    'multipart/form-data; boundary=x',
    'json',
  ])('%s', async (type) => {
    await expect(read('{"a":1}', type)).rejects.toEqual(unsupported);
  });

  test('one in other letters than UTF-8', async () => {
    for (const charset of ['utf-16', 'iso-8859-1', '"windows-1252"', 'latin1 ']) {
      await expect(read('{"a":1}', `application/json; charset=${charset}`)).rejects.toEqual(
        unsupported,
      );
      await expect(read('a=1', `${form};v=1;Charset=${charset}`)).rejects.toEqual(unsupported);
    }
    for (const charset of ['UTF-8', 'utf8', '"utf-8"', 'us-ascii']) {
      expect(await read('{"a":1}', `application/json;charset=${charset}`)).toEqual({ a: 1 });
    }
  });

  test('no type, if a page sends it: no browser would have asked before', async () => {
    const origin = 'https://evil.example';
    await expect(readWith('{"a":1}', { origin })).rejects.toEqual(unsupported);
    await expect(readWith('{"a":1}', { origin: 'null' })).rejects.toEqual(unsupported);
    await expect(readWith('{"a":1}', { origin, 'content-type': '' })).rejects.toEqual(unsupported);
  });

  test('a compressed one', async () => {
    for (const encoding of ['gzip', 'br', 'identity, gzip', 'x']) {
      const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
      await expect(readWith('{"a":1}', headers)).rejects.toEqual(unsupported);
    }
  });
});

test('a body without a type is JSON when no page sends it, and one that is as it is is read', async () => {
  expect(await readWith('{"a":1}', {})).toEqual({ a: 1 });
  const headers = { 'content-type': 'application/json', 'content-encoding': 'Identity' };
  expect(await readWith('{"a":1}', headers)).toEqual({ a: 1 });
});

test('no body is none, whatever is said of it', async () => {
  const headers = { 'content-type': 'text/plain', 'content-encoding': 'gzip', origin: 'null' };
  expect(await readWith('', headers)).toBeUndefined();
});

test('a field of a form that comes once is a text, and one that comes again a list, as in a query', async () => {
  expect(await read('a=1&b=x+y&a=2&c=&a=', `${form};charset=UTF-8`)).toEqual({
    a: ['1', '2', ''],
    b: 'x y',
    c: '',
  });
  const trap = (await read('__proto__=1&__proto__=2&constructor=x', form)) as object;
  expect(Object.entries(trap)).toEqual([
    ['__proto__', ['1', '2']],
    ['constructor', 'x'],
  ]);
  expect(trap).not.toHaveProperty('0');
});

test('half of a letter in JSON is read as the sign for such: it could go to no other worker', async () => {
  expect(
    await read(String.raw`["\ud800", "\uDFFFa", "\\ud800", "\ud83d\uDE00", "\ud83d"]`),
  ).toEqual([...['\ufffd', '\ufffda', '\\ud800', '😀', '\ufffd']]);
});
