import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { Proxies } from '../../src/sdk/front/proxies.ts';

const proxies = new Proxies(['10.0.0.0/8', '::1']);

const from = (remoteAddress: string, headers: Readonly<Record<string, string>>): IncomingMessage =>
  // What of a request is looked at.
  ({
    socket: { remoteAddress },
    headers: { host: 'shop.example', ...headers },
  }) as unknown as IncomingMessage;

type Case = { readonly peer: string; readonly said?: string; readonly client: string };

const cases: Readonly<Record<string, Case>> = {
  'the peer, of whom nobody knows more': { peer: '10.0.0.1', client: '10.0.0.1' },
  'the one that a proxy names': { peer: '10.0.0.1', said: '203.0.113.7', client: '203.0.113.7' },
  'the one that the last of several proxies saw': {
    peer: '::1',
    said: '203.0.113.7, 10.0.0.2',
    client: '203.0.113.7',
  },
  'never the one that a client names': {
    peer: '10.0.0.1',
    said: '192.0.2.1, 203.0.113.7',
    client: '203.0.113.7',
  },
  'nor when that names a proxy': {
    peer: '10.0.0.1',
    said: '192.0.2.1, 10.0.0.9, 203.0.113.7',
    client: '203.0.113.7',
  },
  'the first proxy, when there are only such': {
    peer: '10.0.0.1',
    said: '10.0.0.3, 10.0.0.2',
    client: '10.0.0.3',
  },
  'the address alone, when a proxy writes its port as well': {
    peer: '10.0.0.1',
    said: '192.0.2.1, 203.0.113.7:51234, 10.0.0.2:80',
    client: '203.0.113.7',
  },
  'the same of IPv6': {
    peer: '10.0.0.1',
    said: '[2001:db8::7]:443, [::1]',
    client: '2001:db8::7',
  },
  'the peer that is no proxy': { peer: '203.0.113.9', said: '192.0.2.1', client: '203.0.113.9' },
};

test.each(Object.entries(cases))('the client is %s', (_who, { peer, said, client }) => {
  const request = from(peer, said === undefined ? {} : { 'x-forwarded-for': said });
  expect(proxies.clientOf(request)).toBe(client);
  const [first] = String(proxies.forwarded(request)['x-forwarded-for']).split(', ');
  expect(first).toBe(client);
});

test('a proxy names a host, or it is the one that was asked', () => {
  const hosts = ['blog.example:80', 'blog.example/x', 'a b'].map(
    (host) => proxies.forwarded(from('10.0.0.1', { 'x-forwarded-host': host }))['x-forwarded-host'],
  );
  expect(hosts).toEqual(['blog.example:80', 'shop.example', 'shop.example']);
});
