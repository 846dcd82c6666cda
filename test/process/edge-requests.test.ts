import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { lines, say, statusesOf } from './edge/talk.ts';
import { type IngressApp, startIngressApp } from './ingress-app.ts';

let app: IngressApp;

beforeAll(async () => {
  app = await startIngressApp(
    {
      target: { entry: './services/target.mjs', port: 0, timeouts: { request: '500 ms' } },
      texts: { entry: './services/texts.mjs', port: 0 },
    },
    { limits: { body: '64KB', upload: '64KB' }, trustedProxies: ['127.0.0.2'] },
  );
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const portOf = (service: string): number => app.engine.front.portOf(service) ?? 0;
const at = (service: string, path: string): string => `http://127.0.0.1:${portOf(service)}${path}`;
const closing = 'Connection: close';

test('a service answers its own routes at its port, and no others', async () => {
  const statuses = async (path: string, method = 'GET') => {
    const response = await fetch(at('target', path), { method });
    return [response.status, response.headers.get('allow')];
  };
  expect(await statuses('/work')).toEqual([200, null]);
  expect(await statuses('/work', 'POST')).toEqual([201, null]);
  expect(await statuses('/raw', 'HEAD')).toEqual([200, null]);
  expect(await statuses('/work', 'DELETE')).toEqual([405, 'GET, HEAD, POST']);
  expect(await statuses('/large')).toEqual([404, null]);
  expect(await statuses('/readyz')).toEqual([200, null]);
});

test('answers are compressed, and say what those of the ingress say', async () => {
  const direct = await fetch(at('texts', '/large'));
  const { text } = (await direct.json()) as { readonly text: string };
  expect(text).toContain('to be or not to be');
  expect(direct.headers.get('content-encoding')).toBe('gzip');
  for (const path of ['/large', '/framed']) {
    const [own, through] = await Promise.all([
      fetch(at('texts', path)),
      fetch(`${app.origin}${path}`),
    ]);
    for (const name of ['x-frame-options', 'x-content-type-options', 'referrer-policy']) {
      expect(own.headers.get(name)).toBe(through.headers.get(name));
    }
  }
});

describe('what cannot be taken is refused, and the worker lives', () => {
  const json = (body: string) =>
    lines('POST /echo HTTP/1.1', 'Host: a', closing, `Content-Length: ${body.length}`) + body;
  const requests: Readonly<Record<string, readonly [status: number, bytes: string]>> = {
    'two lengths': [
      400,
      lines('POST /work HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Content-Length: 2'),
    ],
    'two hosts': [400, lines('GET /work HTTP/1.1', 'Host: a', 'Host: b')],
    'a chunked body with a length': [
      400,
      lines('POST /work HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', 'Content-Length: 3'),
    ],
    'a target of 9 KB': [414, lines(`GET /${'x'.repeat(9_000)} HTTP/1.1`, 'Host: a', closing)],
    'a header of 17 KB': [431, lines('GET /work HTTP/1.1', 'Host: a', `X: ${'x'.repeat(17_000)}`)],
    'a body of 65 KB': [413, lines('POST /echo HTTP/1.1', 'Host: a', 'Content-Length: 66000')],
    'a body that is no JSON': [400, json('{')],
    'a prototype': [400, json('{ "__proto__": {} }')],
    'a hundred levels': [400, json('['.repeat(100) + ']'.repeat(100))],
  };

  test.for(Object.entries(requests))('%s', async ([, [status, bytes]]) => {
    const before = app.pidsOf('texts');
    expect(statusesOf(await say(portOf('texts'), bytes))).toEqual([status]);
    expect(app.pidsOf('texts')).toEqual(before);
  });

  test('an upload without a length that is too long', async () => {
    const socket = connect(portOf('target'), '127.0.0.1').setEncoding('latin1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
    socket.write(lines('POST /upload HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'));
    const chunk = 'x'.repeat(16_384);
    for (let sent = 0; sent < 8; sent += 1) socket.write(`4000\r\n${chunk}\r\n`);
    await closed;
    expect(statusesOf(answer)).toEqual([413]);
  });
});

describe.each(['own port', 'ingress'])(
  'what a page may send without being asked, at the %s',
  (way) => {
    const post = async (headers: Readonly<Record<string, string>>) => {
      const origin = way === 'ingress' ? app.origin : at('texts', '');
      const body = Buffer.from('{"a":1}');
      const answer = await fetch(`${origin}/echo`, { method: 'POST', body, headers });
      return { status: answer.status, answer: await answer.json() };
    };
    const refused = { status: 415, answer: { error: { code: 'HTTP_415' } } };

    test('is no JSON, and every other client can send it', async () => {
      const page = { origin: 'https://evil.example' };
      expect(await post({ ...page, 'content-type': 'text/plain' })).toMatchObject(refused);
      expect(await post(page)).toMatchObject(refused);
      const taken = { status: 201, answer: { body: { a: 1 } } };
      expect(await post({ ...page, 'content-type': 'application/json' })).toEqual(taken);
      expect(await post({})).toEqual(taken);
    });
  },
);

test('what takes longer than a request may is answered 504, and the work hears of it', async () => {
  const direct = await fetch(at('target', '/linger'));
  expect(direct.status).toBe(504);
  expect(await direct.json()).toMatchObject({ error: { code: 'DEADLINE_EXCEEDED' } });
  await expect.poll(() => app.ledger().some((fact) => 'left' in fact)).toBe(true);
  expect((await fetch(at('target', '/hang'))).status).toBe(504);
});

test('a WebSocket that is never answered is refused when the time of a request is over', async () => {
  const silent = new WebSocket(at('target', '/silent'));
  const [, answer] = await once(silent, 'unexpected-response');
  expect(answer.statusCode).toBe(504);
  await expect.poll(() => app.ledger().some((fact) => 'forsaken' in fact)).toBe(true);
});

test('a raw route sees what is so of a request, whatever the client says', async () => {
  const headers = {
    'x-forge-user': 'root',
    x_forge_user: 'root',
    'x-forwarded-for': '6.6.6.6',
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    'x-mine': 'kept',
  };
  const ask = (localAddress: string) =>
    new Promise<Readonly<Record<string, string>>>((resolve, reject) => {
      request(at('target', '/raw'), { headers, localAddress }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('end', () => resolve(JSON.parse(text).headers));
      })
        .once('error', reject)
        .end();
    });
  const stranger = await ask('127.0.0.1');
  expect(stranger).toMatchObject({ 'x-mine': 'kept', 'x-forwarded-for': '127.0.0.1' });
  expect(Object.keys(stranger).filter((name) => name.includes('forge'))).toEqual([]);
  expect(stranger['traceparent']).not.toBe(headers.traceparent);
  const proxy = await ask('127.0.0.2');
  expect(proxy['x-forwarded-for']).toBe('6.6.6.6, 127.0.0.2');
  expect(proxy['traceparent']).toBe(headers.traceparent);
});

test('a client that asks for the end of its connection gets it, of raw routes as well', async () => {
  for (const path of ['/raw', '/work', '/nowhere']) {
    const answer = await say(portOf('target'), lines(`GET ${path} HTTP/1.1`, 'Host: a', closing));
    expect(answer.toLowerCase()).toContain('connection: close');
  }
});
