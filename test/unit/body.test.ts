import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { readBody } from '../../src/sdk/front/body.ts';

const megabyte = 2 ** 20;

/** What becomes of a body that is sent as this type. */
const read = async (body: string, type = 'application/json'): Promise<unknown> => {
  const outcome = Promise.withResolvers<unknown>();
  const server = createServer((request, response) => {
    readBody(request, 20 * megabyte).then(outcome.resolve, outcome.reject);
    outcome.promise.catch(() => undefined).finally(() => response.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const headers = { 'content-type': type, connection: 'close' };
  await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body, headers });
  server.close();
  return outcome.promise;
};

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
