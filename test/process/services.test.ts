import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newTraceparent, traceIdOf } from '../../src/sdk/rpc/trace.ts';
import { type CopiedApp, startCopy } from '../helpers/app-copy.ts';

let app: CopiedApp;

beforeAll(async () => {
  app = await startCopy('test/fixtures/apps/club');
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const ask = (path: string, options: RequestInit = {}) => fetch(`${app.http}${path}`, options);
const get = async (path: string, options: RequestInit = {}): Promise<unknown> =>
  (await ask(path, options)).json();
const jsonText = (method: string, body: string): RequestInit => ({
  method,
  body,
  headers: { 'content-type': 'application/json' },
});
const json = (method: string, body: unknown): RequestInit => jsonText(method, JSON.stringify(body));

test('every service that can start is ready: modules, CommonJS and decorated TypeScript', () => {
  expect(app.ready).toMatch(/^ready club 5 services http:\/\/127\.0\.0\.1:\d+ failed: broken$/);
});

describe('a contract route', () => {
  test('gives its handler body, params and query, and answers JSON with 200', async () => {
    const response = await ask('/echo/a%20b?x=1&y=2&y=3');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.json()).toEqual({
      params: { id: 'a b' },
      query: { x: '1', y: ['2', '3'] },
    });
  });

  test('answers 201 to POST and 200 to PUT, with the body as JSON or a form', async () => {
    const posted = await ask('/echo/7', json('POST', { name: 'Ada', tags: ['a'] }));
    expect(posted.status).toBe(201);
    expect(await posted.json()).toEqual({
      body: { name: 'Ada', tags: ['a'] },
      params: { id: '7' },
      query: {},
    });
    const put = await ask('/echo/7', { method: 'PUT', body: new URLSearchParams({ a: 'b c' }) });
    expect(put.status).toBe(200);
    expect(await put.json()).toMatchObject({ body: { a: 'b c' } });
  });

  test('answers 204 to nothing, and 200 to null', async () => {
    const nothing = await ask('/echo/7', { method: 'DELETE' });
    expect([nothing.status, await nothing.text()]).toEqual([204, '']);
    const none = await ask('/null');
    expect([none.status, await none.text()]).toEqual([200, 'null']);
  });

  test('answers with the status and message of an httpError', async () => {
    const missing = await ask('/failures/missing');
    expect(missing.status).toBe(404);
    expect(await missing.json()).toEqual({
      error: { code: 'HTTP_404', message: 'no such member' },
    });
    expect((await ask('/failures/taken')).status).toBe(409);
  });

  test.each([
    ['mistake', 500, 'INTERNAL', 'The service failed'],
    ['text', 500, 'INTERNAL', 'The service failed'],
    ['nothing', 500, 'INTERNAL', 'The service failed'],
    ['odd', 500, 'INTERNAL', 'The service failed'],
    ['coded', 500, 'INTERNAL', 'The service failed'],
    ['away', 503, 'UNAVAILABLE', 'The service is not available'],
    ['absent', 404, 'NOT_FOUND', 'Not Found'],
  ])(
    'that throws %s answers %i with a code and its trace, and the log has the rest [E11]',
    async (...expected) => {
      const [kind, status, code, message] = expected;
      const traceparent = newTraceparent();
      const response = await ask(`/failures/${kind}`, { headers: { traceparent } });
      expect(response.status).toBe(status);
      const traceId = traceIdOf(traceparent);
      expect(await response.json()).toEqual({ error: { code, message, traceId } });
      const logged = async (): Promise<string> =>
        (await app.forge('logs', 'front', '--grep', traceId)).stdout;
      await expect.poll(logged).toContain(`front.fail (trace ${traceId}): `);
    },
  );

  test('refuses a body that is no JSON, or too large, and says so', async () => {
    const noJson = await ask('/echo/7', jsonText('POST', '{"name":'));
    expect(noJson.status).toBe(400);
    expect(await noJson.json()).toEqual({
      error: { code: 'HTTP_400', message: 'The body is not JSON' },
    });
    const large = await ask('/echo/7', json('POST', 'x'.repeat(1024 * 1024)));
    expect(large.status).toBe(413);
  });

  test('refuses a body that would set a prototype, and sets none from a query', async () => {
    const bodies = ['{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"admin":true}}}'];
    for (const body of bodies) {
      expect((await ask('/echo/7', jsonText('POST', body))).status).toBe(400);
    }
    const echoed = (await get('/echo/7?__proto__=x&constructor=y', json('POST', {}))) as object;
    expect(echoed).not.toHaveProperty('admin');
    expect({}).not.toHaveProperty('admin');
  });

  test.each(['/nowhere', '/echo', '/echo/%zz', '/__proto__', '/constructor'])(
    'is not found at %s',
    async (path) => {
      const response = await ask(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
    },
  );
});

describe('a manual route', () => {
  test('of onStart gets request and response, and writes what it likes', async () => {
    const response = await ask('/raw/7?x=1');
    expect(response.status).toBe(203);
    expect(response.headers.get('x-kind')).toBe('raw');
    expect(await response.text()).toBe('GET 7 /raw/7?x=1');
  });

  test('reads its body as a stream, and is traced', async () => {
    const traceparent = newTraceparent();
    const body = Buffer.alloc(2 * 1024 * 1024);
    const headers = { traceparent, tracestate: 'ours=1' };
    const answer = await get('/raw/7', { method: 'POST', body, headers });
    expect(answer).toEqual({ length: body.length, trace: traceparent, state: 'ours=1' });
  });

  test('that throws answers 500 and tells no secret', async () => {
    const response = await ask('/raw-failure');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  });

  test('that throws an httpError answers with its status and message', async () => {
    const response = await ask('/raw-refusal');
    expect(response.status).toBe(409);
    expect(await response.json()).toEqual({
      error: { code: 'HTTP_409', message: 'the name is taken' },
    });
  });

  test('finds context and proxies in place', async () => {
    expect(await get('/wired')).toEqual(['object', 'object', true, 'front']);
    expect(await get('/far/started')).toBe(true);
  });
});

describe('the bus', () => {
  test('carries send, broadcast, emit and request', async () => {
    const answer = await get('/messages', json('POST', { text: 'hello' }));
    expect(answer).toBe('audit heard hello from front');

    const from = 'front';
    expect(await get('/heard/message')).toEqual({ all: [{ from, text: 'hello' }] });
    expect(await get('/heard/broadcast')).toEqual({ all: [{ from, text: 'hello' }] });
    expect(await get('/heard/event')).toEqual({ all: [{ text: 'hello' }] });
  });

  test('publishes what a method of emits returned, if it succeeded', async () => {
    expect((await ask('/users', json('POST', {}))).status).toBe(400);
    const created = await ask('/users', json('POST', { name: 'Ada' }));
    expect(await created.json()).toEqual({ id: 7, name: 'Ada' });
    expect(await get('/heard/user.created')).toEqual({ all: [{ id: 7, name: 'Ada' }] });
  });
});

test('a decorated service calls, is routed, publishes and subscribes like the others', async () => {
  const given = await ask('/badges', json('POST', { to: 'Ada' }));
  expect([given.status, await given.json()]).toEqual([201, { badge: 'for Ada' }]);

  const holder = { id: 1, name: 'Ada' };
  expect(await get('/badges')).toEqual({
    motto: 'ad astra',
    given: [{ badge: 'for Ada' }],
    holder,
  });
});

test('the code of what a service throws is in the log, with its trace', async () => {
  await ask('/failures/coded');
  const logged = async (): Promise<string> =>
    (await app.forge('logs', 'front', '--grep', '23505')).stdout;
  await expect.poll(logged).toMatch(/front\.fail \(trace \w+\): \[23505\] Error: the secret/);
});

test('what a decorated service throws is logged with the line of its source', async () => {
  expect((await ask('/badges', json('POST', null))).status).toBe(500);
  const logged = async (): Promise<string> => (await app.forge('logs', 'badges')).stdout;
  await expect.poll(logged).toMatch(/services\/badges\.ts:19:\d+/);
});

describe('a call to a colocated service', () => {
  test('shares no object with its caller', async () => {
    expect(await get('/aliasing')).toEqual({ lines: ['dear'] });
  });

  test.each([
    'values',
    'noData',
    'fail',
    'started',
    'kept',
    'keep?a=1',
    'onStop',
    'constructor',
    '__proto__',
  ])('comes out as one to another process: %s', async (what) => {
    const headers = { traceparent: newTraceparent() };
    const [near, far] = await Promise.all([
      ask(`/near/${what}`, { headers }),
      ask(`/far/${what}`, { headers }),
    ]);
    expect(near.status).toBe(far.status);
    expect(await near.json()).toEqual(await far.json());
  });

  test('ends at its deadline, as one to another process does', async () => {
    for (const response of await Promise.all([ask('/near/wait'), ask('/far/wait')])) {
      expect(response.status).toBe(504);
      expect(await response.json()).toMatchObject({ error: { code: 'DEADLINE_EXCEEDED' } });
    }
    await ask('/near/release');
  });
});

test('a request that did something is not run again because of what it called', async () => {
  const response = await ask('/repairs', { method: 'POST' });
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ error: { code: 'UNAVAILABLE' } });
  expect(await get('/repairs')).toBe(1);
});

describe('the context of a request', () => {
  type Hop = { readonly by: string; readonly traceparent: string; readonly deadlineAt: number };

  test('goes along with calls to other processes, to colocated services and with events', async () => {
    const traceparent = newTraceparent();
    const hops = (await get('/trace', { headers: { traceparent } })) as readonly Hop[];
    expect(hops.map(({ by }) => by)).toEqual(['front', 'users', 'greetings']);
    expect(hops.map((hop) => hop.traceparent)).toEqual([traceparent, traceparent, traceparent]);
    expect(await get('/heard/trace')).toMatchObject({ all: [{ at: 'greetings', traceparent }] });
  });

  test('has a deadline that no hop extends', async () => {
    const hops = (await get('/trace')) as readonly Hop[];
    const [front = 0, users = 0, greetings = 0] = hops.map(({ deadlineAt }) => deadlineAt);
    // The client has 30 s, front waits 500 ms for users, and users would wait 2 s for greetings.
    expect(users).toBeLessThan(front - 20_000);
    expect(greetings).toBeLessThan(users + 1_000);
  });

  test('has a deadline that an event emitted after it outlives', async () => {
    // Whether the answer is in time is a matter of the moment; the event is emitted too late.
    await ask('/far/late');
    expect(await get('/heard/news')).toEqual({ all: [{ at: 'greetings' }] });
  });

  test('is made anew when what comes from outside is no trace', async () => {
    const hops = (await get('/trace', { headers: { traceparent: 'x' } })) as readonly Hop[];
    expect(hops[0]?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });
});

test('onStop is told why, after the app was asked to stop', async () => {
  expect((await app.forge('stop')).code).toBe(0);
  const reason = readFileSync(join(app.directory, 'services/stopped.txt'), 'utf8');
  expect(reason).toBe('the supervisor stops this worker');
});
