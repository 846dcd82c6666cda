import { expect, test } from 'vitest';
import { refusalOf } from '../../src/sdk/front/request-check.ts';

const refusalOfHost = (host: string): string | undefined =>
  refusalOf({ url: '/', httpVersion: '1.1', headers: { host }, rawHeaders: ['Host', host] });

test('a host that is none is refused each time that it comes, and a good one is not', () => {
  const hosts = ['shop.example', 'a b', 'a b', 'shop.example:443', 'a/b', 'a b', '[::1]:80'];
  const isRefused = hosts.map((host) => refusalOfHost(host) !== undefined);
  expect(isRefused).toEqual([false, true, true, false, true, true, false]);
});
