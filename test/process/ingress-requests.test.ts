import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { slowCrowd } from '../helpers/slow-clients.ts';
import { startTraffic } from '../helpers/traffic.ts';
import { type IngressApp, startIngressApp } from './ingress-app.ts';

let app: IngressApp;

beforeAll(async () => {
  app = await startIngressApp({ target: { entry: './services/target.mjs' } });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const dial = (): Socket => connect(Number(new URL(app.origin).port), '127.0.0.1');

/** Whether it was reset or not. */
const closeOf = (socket: Socket): Promise<unknown> =>
  new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));

/** Sends bytes as they are and gives what comes back until the ingress hangs up. */
const say = async (bytes: string): Promise<string> => {
  const socket = dial();
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    answer += String(chunk);
  });
  socket.write(bytes, 'latin1');
  await closeOf(socket);
  return answer;
};

const lines = (...all: readonly string[]): string => `${all.join('\r\n')}\r\n\r\n`;
const statusesOf = (answer: string): readonly number[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));

describe('a request that could be read in two ways goes no further [D6]', () => {
  const closing = 'Connection: close';
  const requests: Readonly<Record<string, readonly [expected: number, bytes: string]>> = {
    'two hosts': [400, lines('GET /raw HTTP/1.1', 'Host: a', 'Host: b')],
    'no host': [400, lines('GET /raw HTTP/1.1', 'X-Other: a')],
    'an empty host': [400, lines('GET /raw HTTP/1.1', 'Host: ')],
    'a host that is none': [400, lines('GET /raw HTTP/1.1', 'Host: a/b@evil:99999')],
    'an absolute target': [400, lines('GET http://evil/raw HTTP/1.1', 'Host: a')],
    'two slashes': [400, lines('GET // HTTP/1.1', 'Host: a')],
    'a host in the path': [400, lines('GET //evil/x HTTP/1.1', 'Host: a')],
    'a fragment': [400, lines('GET /raw#x HTTP/1.1', 'Host: a')],
    'a backslash': [400, lines('GET /raw\\..\\x HTTP/1.1', 'Host: a')],
    'OPTIONS *': [400, lines('OPTIONS * HTTP/1.1', 'Host: a')],
    CONNECT: [405, lines('CONNECT evil:443 HTTP/1.1', 'Host: evil:443')],
    'an unknown method': [400, lines('FETCH /raw HTTP/1.1', 'Host: a')],
    'a broken escape': [404, lines('GET /%zz HTTP/1.1', 'Host: a', closing)],
    'an unknown path': [404, lines('GET /nowhere HTTP/1.1', 'Host: a', closing)],
    'a method that the path does not have': [
      405,
      lines('DELETE /work HTTP/1.1', 'Host: a', closing),
    ],
    'an encoding beside chunked': [
      400,
      lines('POST /raw HTTP/1.1', 'Host: a', 'Transfer-Encoding: gzip, chunked'),
    ],
    'a length beside chunked': [
      400,
      lines('POST /raw HTTP/1.1', 'Host: a', 'Content-Length: 4', 'Transfer-Encoding: chunked'),
    ],
    'chunked in HTTP/1.0': [
      400,
      `${lines('POST /raw HTTP/1.0', 'Host: a', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    ],
    'a header of 17 KB': [431, lines('GET /raw HTTP/1.1', `X-Long: ${'x'.repeat(17_000)}`)],
    'an upgrade that nobody offers': [
      200,
      lines('GET /raw HTTP/1.1', 'Host: a', 'Connection: Upgrade, close', 'Upgrade: h2c'),
    ],
    'no host in HTTP/1.0': [200, lines('GET /raw HTTP/1.0')],
  };

  test.for(Object.entries(requests))('%s', async ([, [expected, bytes]]) => {
    expect(statusesOf(await say(bytes))).toEqual([expected]);
  });

  test('a path with another method says which it has', async () => {
    const answer = await say(lines('DELETE /work HTTP/1.1', 'Host: a', closing));
    expect(answer).toContain('allow: GET, HEAD, POST\r\n');
  });
});

test('headers that are believed inside cannot be sent from outside [D7]', async () => {
  const answer = await fetch(`${app.origin}/raw`, {
    headers: {
      'X-Forge-User': 'root',
      X_Forge_User: 'root',
      'x-FORGE-deadline': '1',
      'Proxy-Authorization': 'Basic x',
      TE: 'trailers',
      'X-Kept': 'yes',
    },
  });
  const { headers } = (await answer.json()) as { readonly headers: Record<string, string> };
  const names = Object.keys(headers);
  expect(names).toContain('x-kept');
  expect(names.filter((name) => /forge|proxy|^te$/i.test(name))).toEqual([]);
});

test('a header that Connection names speaks of the connection and stays here [D7]', async () => {
  const answer = await say(
    lines('GET /raw HTTP/1.1', 'Host: a', 'Connection: close, X-Secret', 'X-Secret: 1'),
  );
  expect(statusesOf(answer)).toEqual([200]);
  expect(answer).not.toContain('x-secret');
});

test('the chunked body of a DELETE is one body, and no second request', async () => {
  const smuggled = lines('GET /hang HTTP/1.1', 'Host: a');
  const length = smuggled.length.toString(16);
  const head = lines('DELETE /upload HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked');
  const next = lines('GET /work HTTP/1.1', 'Host: a', 'Connection: close');
  const answer = await say(`${head}${length}\r\n${smuggled}\r\n0\r\n\r\n${next}`);
  expect(statusesOf(answer)).toEqual([200, 200]);
  expect(answer).toContain(`{"bytes":${smuggled.length}}`);
});

test('a thousand slow clients are hung up on while others are served [D3]', async () => {
  await using traffic = startTraffic(app.origin, [
    { kind: 'keep-alive', path: '/work', clients: 2, pauseMs: 10 },
    { kind: 'upload', path: '/upload', clients: 1 },
  ]);
  const port = Number(new URL(app.origin).port);
  const crowd = slowCrowd(port);
  // Who reads nothing has had the head of its answer, and hears nothing of its end.
  const refused = await Promise.all(crowd.map(async (begin) => statusesOf(await begin())));
  expect(refused.flat()).toEqual(Array.from({ length: 960 }, () => 408));
  await expect.poll(() => app.ledger().filter((fact) => 'flood' in fact).length).toBe(40);
  expect((await traffic.stop()).failures).toEqual({});
});
