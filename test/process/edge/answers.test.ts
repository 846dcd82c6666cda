import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type IngressApp, startIngressApp } from '../ingress-app.ts';

let app: IngressApp;

beforeAll(async () => {
  app = await startIngressApp(
    {
      target: { entry: './services/target.mjs' },
      texts: { entry: './services/texts.mjs' },
    },
    {
      trustedProxies: ['127.0.0.2', '10.0.0.0/8'],
      cors: {
        origins: ['https://shop.example'],
        headers: ['x-cart'],
        expose: ['x-total'],
        credentials: true,
        maxAge: '1 min',
      },
    },
  );
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
  fetch(app.origin + path, { method, headers });

describe('a page of another origin', () => {
  const origin = 'https://shop.example';

  test('may read answers when its origin is named, of services, files and errors alike', async () => {
    for (const path of ['/work', '/raw', '/nowhere']) {
      const { headers } = await ask(path, { origin });
      expect(headers.get('access-control-allow-origin')).toBe(origin);
      expect(headers.get('access-control-allow-credentials')).toBe('true');
      expect(headers.get('access-control-expose-headers')).toBe('x-total');
      expect(headers.get('vary')).toContain('Origin');
    }
  });

  test.for(['https://evil.example', 'null', 'https://shop.example.evil', 'http://shop.example'])(
    'may read nothing from %s',
    async (other) => {
      const { headers } = await ask('/work', { origin: other });
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('vary')).toContain('Origin');
    },
  );

  test('asks before it sends, and the ingress answers', async () => {
    const answer = await ask(
      '/work',
      { origin, 'access-control-request-method': 'PUT' },
      'OPTIONS',
    );
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'x-cart',
      'access-control-max-age': '60',
    });
  });
});

test('answers tell a browser not to guess, and what the service says itself stays', async () => {
  expect(Object.fromEntries((await ask('/work')).headers)).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
    'referrer-policy': 'strict-origin-when-cross-origin',
  });
  expect((await ask('/framed')).headers.get('x-frame-options')).toBe('DENY');
});

describe('compression', () => {
  const cases: Readonly<
    Record<string, readonly [path: string, accept: string, expected: string | null]>
  > = {
    'of a large answer of a contract route': ['/large', 'gzip, deflate, br', 'br'],
    'for a client that knows gzip alone': ['/large', 'gzip', 'gzip'],
    'for a client that likes gzip better': ['/large', 'gzip;q=1, br;q=0.5', 'gzip'],
    'for a client that wants none': ['/large', 'identity', null],
    'for a client that forbids it': ['/large', 'gzip;q=0, br;q=0', null],
    'of a small answer': ['/work', 'br', null],
    'of a raw answer': ['/large-raw', 'br', 'br'],
    'of what is compressed already': ['/packed', 'br', 'gzip'],
    'of pictures': ['/picture', 'br', null],
    'of what must not be changed': ['/untouched', 'br', null],
    'of a part': ['/part', 'br', null],
    'of an event stream': ['/events', 'br', null],
  };

  test.for(Object.entries(cases))('%s', async ([, [path, accept, expected]]) => {
    const ending = new AbortController();
    const answer = await fetch(app.origin + path, {
      headers: { 'accept-encoding': accept },
      signal: ending.signal,
    });
    expect(answer.headers.get('content-encoding')).toBe(expected);
    if (path.startsWith('/large')) {
      expect(answer.headers.get('vary')).toContain('Accept-Encoding');
      expect((await answer.text()).length).toBeGreaterThan(10_000);
    }
    ending.abort();
  });

  test('sends on at once what a service says bit by bit', async () => {
    const answer = await fetch(`${app.origin}/bit-by-bit`, {
      headers: { 'accept-encoding': 'br' },
    });
    expect(answer.headers.get('content-encoding')).toBe('br');
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('first ');
    await ask('/go-on');
    expect((await reader?.read())?.value).toBe('last');
    expect((await reader?.read())?.done).toBe(true);
  });
});

describe('what is said of the client', () => {
  /** What a service hears of a request from this address. */
  const heard = async (
    localAddress: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Record<string, string>> => {
    const outbound = request(`${app.origin}/raw`, { localAddress, headers }).end();
    const [answer] = await once(outbound, 'response');
    const chunks = await answer.toArray();
    return JSON.parse(Buffer.concat(chunks).toString()).headers;
  };
  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const said = {
    'x-forwarded-for': 'made-up, 203.0.113.7',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'shop.example',
    'x-real-ip': '203.0.113.7',
    forwarded: 'for=203.0.113.7',
    traceparent: trace,
  };

  test('by anybody is not believed', async () => {
    const { traceparent, ...headers } = await heard('127.0.0.1', said);
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': new URL(app.origin).host,
    });
    expect(headers).not.toHaveProperty('forwarded');
    expect(headers).not.toHaveProperty('x-real-ip');
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(traceparent).not.toBe(trace);
  });

  test('by a trusted proxy is, as far back as it names addresses', async () => {
    expect(await heard('127.0.0.2', said)).toMatchObject({
      'x-forwarded-for': '203.0.113.7, 127.0.0.2',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
      traceparent: trace,
    });
  });

  test('by a trusted proxy is still no trace when it is none', async () => {
    const { traceparent } = await heard('127.0.0.2', { traceparent: `${trace}-x` });
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });
});

test('one path belongs to several services when they name different hosts', async () => {
  for (const host of ['texts.example:80', 'TEXTS.EXAMPLE', 'Texts.Example.:80']) {
    const outbound = request(`${app.origin}/whose`, { headers: { host } }).end();
    const [answer] = await once(outbound, 'response');
    expect(Buffer.concat(await answer.toArray()).toString()).toBe('"that of texts.example"');
  }
  expect(await (await ask('/whose')).json()).toBe('that of any host');
});
