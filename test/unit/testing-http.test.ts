import { expect, test } from 'vitest';
import { z } from 'zod';
import { httpError } from '../../src/sdk/http-error.ts';
import { Service } from '../../src/sdk/service.ts';
import { type Answer, type AppUnderTest, startApp } from '../../src/sdk/testing/index.ts';

const route = (method: 'GET' | 'POST', path: string, handler: string) =>
  ({ method, path, handler }) as const;

class Shop extends Service {
  static readonly contract = {
    expose: ['runs'],
    routes: [
      { ...route('GET', '/admin', 'who'), auth: { roles: ['admin'] } },
      { ...route('GET', '/reports', 'who'), auth: { scopes: ['read', 'report'] } },
      { ...route('GET', '/me', 'who'), auth: true },
      route('GET', '/anybody', 'who'),
      { ...route('GET', '/', 'red'), host: 'red.example' },
      { ...route('GET', '/', 'blue'), host: 'blue.example' },
      route('GET', '/secret', 'secret'),
      route('GET', '/refusal', 'refusal'),
      route('GET', '/busy', 'busy'),
      { ...route('GET', '/seldom', 'nothing'), rate: { perSecond: 0.1, burst: 1 } },
      route('GET', '/odd', 'odd'),
      route('GET', '/rich', 'rich'),
      route('GET', '/lines', 'lines'),
      route('POST', '/lines', 'lines'),
      route('GET', '/broken-lines', 'brokenLines'),
      route('GET', '/nothing', 'nothing'),
      route('POST', '/echo', 'echo'),
      { ...route('POST', '/short', 'echo'), bodyLimit: 16 },
      { ...route('POST', '/orders', 'order'), once: '1 min' },
      { ...route('POST', '/dated', 'dated'), input: z.object({ at: z.coerce.date() }) },
    ],
  } as const;
  #orders = 0;

  who(): unknown {
    const { auth, tenant, from } = this.ctx.request ?? {};
    return { auth, tenant, from };
  }
  red(): string {
    return 'red';
  }
  blue(): string {
    return 'blue';
  }
  secret(): never {
    throw new Error('secret sql');
  }
  refusal(): never {
    throw httpError(409, 'it is taken');
  }
  busy(): never {
    throw Object.assign(new Error('later'), { code: 'UNAVAILABLE' });
  }
  odd(): unknown {
    return new Set([1]);
  }
  rich(): unknown {
    return { at: new Date(0), gone: undefined, table: new Map([['a', 1]]) };
  }
  async *lines(): AsyncGenerator<unknown> {
    yield { at: new Date(0) };
    yield { gone: undefined };
  }
  // biome-ignore lint/correctness/useYield: it fails before its first item.
  async *brokenLines(): AsyncGenerator<unknown> {
    throw httpError(410, 'all gone');
  }
  nothing(): void {}
  echo(body: unknown): unknown {
    return { got: body };
  }
  dated({ at }: { readonly at: Date }): unknown {
    return at instanceof Date;
  }
  order(): unknown {
    this.#orders += 1;
    return { order: this.#orders, key: this.ctx.request?.headers['idempotency-key'] };
  }
  runs(): number {
    return this.#orders;
  }
}

const start = (): Promise<AppUnderTest> => startApp({ shop: Shop });
const ada = (more: { readonly roles?: string[]; readonly scopes?: string[] } = {}) => ({
  identity: { auth: { sub: 'ada', ...more }, tenant: 'acme' },
});
const refused = (status: number, challenge: string) => ({
  status,
  headers: { 'www-authenticate': challenge },
  body: { error: { code: `HTTP_${status}`, message: expect.any(String) } },
});

test('a guarded route is 401 without a token, and 403 for those it is not for', async () => {
  await using app = await start();
  for (const path of ['/admin', '/reports', '/me']) {
    expect(await app.http('GET', path)).toEqual(refused(401, 'Bearer'));
  }
  const wrong: readonly (readonly [string, object])[] = [
    ['/admin', ada()],
    ['/admin', ada({ roles: ['clerk'] })],
    ['/reports', ada({ scopes: ['read'] })],
  ];
  for (const [path, options] of wrong) {
    expect(await app.http('GET', path, undefined, options)).toEqual(
      refused(403, 'Bearer error="insufficient_scope"'),
    );
  }
});

test('a token that no identity stands behind is none', async () => {
  await using app = await start();
  const headers = { Authorization: 'Bearer made.up.token' };
  expect(await app.http('GET', '/me', undefined, { headers })).toEqual(
    refused(401, 'Bearer error="invalid_token"'),
  );
});

test('whom a token names is let in, and the service hears who it is', async () => {
  await using app = await start();
  const body = {
    auth: { sub: 'ada', roles: ['clerk', 'admin'], scopes: [] },
    tenant: 'acme',
    from: 'ingress',
  };
  const admin = ada({ roles: ['clerk', 'admin'] });
  expect(await app.http('GET', '/admin', undefined, admin)).toEqual({ status: 200, body });
  expect(await app.http('GET', '/me', undefined, ada())).toMatchObject({ status: 200 });
  const reader = ada({ scopes: ['report', 'read'] });
  expect(await app.http('GET', '/reports', undefined, reader)).toMatchObject({ status: 200 });
  // Nobody looks at a token where none is asked for.
  const open = await app.http('GET', '/anybody', undefined, admin);
  expect(open).toEqual({ status: 200, body: { from: 'ingress' } });
});

test('the host of a request chooses between routes with one path', async () => {
  await using app = await start();
  const at = (host: string): Promise<Answer> =>
    app.http('GET', '/', undefined, { headers: { Host: host } });
  expect(await at('red.example')).toEqual({ status: 200, body: 'red' });
  expect(await at('blue.example:8080')).toEqual({ status: 200, body: 'blue' });
  expect(await at('green.example')).toMatchObject({ status: 404 });
  expect(await at('two hosts')).toMatchObject({ status: 400 });
});

test('an error says of itself what a client may hear', async () => {
  await using app = await start();
  const traceId = expect.stringMatching(/^[\da-f]{32}$/);
  expect(await app.http('GET', '/secret')).toEqual({
    status: 500,
    body: { error: { code: 'INTERNAL', message: 'The service failed', traceId } },
  });
  expect(await app.http('GET', '/refusal')).toEqual({
    status: 409,
    body: { error: { code: 'HTTP_409', message: 'it is taken' } },
  });
  expect(await app.http('GET', '/busy')).toEqual({
    status: 503,
    headers: { 'retry-after': '1' },
    body: { error: { code: 'UNAVAILABLE', message: 'The service is not available', traceId } },
  });
});

test('who asks more often than the rate lets in hears when there is room again', async () => {
  await using app = await start();
  expect(await app.http('GET', '/seldom')).toMatchObject({ status: 204 });
  expect(await app.http('GET', '/seldom')).toMatchObject({
    status: 429,
    headers: { 'retry-after': '10' },
    body: { error: { code: 'RATE_LIMITED' } },
  });
});

test('an answer is what JSON carries of it, and what JSON cannot say is refused', async () => {
  await using app = await start();
  const dated = { at: '1970-01-01T00:00:00.000Z' };
  expect(await app.http('GET', '/rich')).toStrictEqual({
    status: 200,
    body: { ...dated, table: { a: 1 } },
  });
  expect(await app.http('GET', '/odd')).toMatchObject({ status: 500 });
  expect(await app.http('GET', '/nothing')).toEqual({ status: 204, body: undefined });
  const { status, body } = await app.http('POST', '/lines');
  expect(status).toBe(200);
  const items: unknown[] = [];
  for await (const item of body as AsyncIterable<unknown>) items.push(item);
  expect(items).toStrictEqual([dated, {}]);
  expect(await app.http('GET', '/broken-lines')).toMatchObject({ status: 410 });
});

test('a body comes as JSON or as a form, and what the front does not take is refused', async () => {
  await using app = await start();
  const got = async (body: unknown, headers = {}): Promise<unknown> =>
    ((await app.http('POST', '/echo', body, { headers })).body as { got: unknown }).got;
  expect(await got({ at: new Date(0), gone: undefined })).toStrictEqual({
    at: '1970-01-01T00:00:00.000Z',
  });
  expect(await got('text')).toBe('text');
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect(await got('a=1&b=2', form)).toEqual({ a: '1', b: '2' });
  expect(await app.http('POST', '/dated', { at: new Date(0) })).toEqual({
    status: 201,
    body: true,
  });
  const odd: unknown = JSON.parse('{"__proto__":{"a":1}}');
  expect(await app.http('POST', '/echo', odd)).toMatchObject({ status: 400 });
});

test('the limits of a body are those of its route, or else those of the front', async () => {
  await using app = await start();
  expect(await app.http('POST', '/short', 'x'.repeat(14))).toMatchObject({ status: 201 });
  const tooLarge = { status: 413, body: { error: { code: 'HTTP_413' } } };
  expect(await app.http('POST', '/short', 'x'.repeat(15))).toMatchObject(tooLarge);
  expect(await app.http('POST', '/short', 'ü'.repeat(8))).toMatchObject(tooLarge);
  expect(await app.http('POST', '/echo', 'x'.repeat(1_024 * 1_024))).toMatchObject(tooLarge);
});

test('HEAD is answered wherever GET is, and another method is 405 and says which there are', async () => {
  await using app = await start();
  expect(await app.http('HEAD', '/rich')).toEqual({ status: 200, body: undefined });
  expect(await app.http('HEAD', '/lines')).toEqual({ status: 200, body: undefined });
  expect(await app.http('HEAD', '/me')).toMatchObject({ status: 401, body: undefined });
  expect(await app.http('DELETE', '/lines?x=1')).toEqual({
    status: 405,
    headers: { allow: 'GET, HEAD, POST' },
    body: { error: { code: 'METHOD_NOT_ALLOWED', message: '/lines takes GET, HEAD, POST' } },
  });
  expect(await app.http('GET', '/nowhere')).toEqual({
    status: 404,
    body: { error: { code: 'NOT_FOUND', message: 'No route /nowhere' } },
  });
});

test('a request with a key runs once', async () => {
  await using app = await start();
  const ask = (key: string, body?: unknown): Promise<Answer> =>
    app.http('POST', '/orders', body, { headers: { 'Idempotency-Key': key } });
  const answer = { status: 201, body: { order: 1, key: 'a' } };
  expect(await ask('a')).toEqual(answer);
  expect(await ask('a')).toEqual({ ...answer, headers: { 'idempotent-replayed': 'true' } });
  expect(await ask('a', { other: true })).toMatchObject({ status: 422 });
  expect(await ask('b')).toMatchObject({ body: { order: 2 } });
  expect(await app.as<Shop>('shop').runs()).toBe(2);
});
