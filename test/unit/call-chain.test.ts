import { expect, test } from 'vitest';
import type { Interceptors } from '../../src/sdk/interceptors/interceptor.ts';
import { type Client, Service } from '../../src/sdk/service.ts';
import { startApp } from '../../src/sdk/testing/index.ts';

class Users extends Service {
  static readonly contract = {
    expose: {
      get: { cache: '1 min' },
      slow: { timeout: '20 ms' },
      few: { rate: { perSecond: 0.001, burst: 2 } },
      plain: {},
      deadline: { timeout: '5 s' },
    },
    routes: [{ method: 'GET', path: '/few', handler: 'few' }],
  } as const;
  static readonly interceptors: Interceptors = {
    server: [
      async (call, next) => {
        if (call.args[0] === 'forbidden') throw Object.assign(new Error('no'), { code: 'NO' });
        return next(call);
      },
    ],
  };
  runs = 0;
  cancelled = Promise.withResolvers<void>();

  get(id: unknown): unknown {
    this.runs += 1;
    return { id, run: this.runs, tenant: this.ctx.request?.tenant };
  }
  async slow(): Promise<void> {
    const signal = this.ctx.request?.signal;
    signal?.addEventListener('abort', () => this.cancelled.resolve(), { once: true });
    await new Promise(() => undefined);
  }
  few(): string {
    return 'few';
  }
  plain(): string {
    return 'plain';
  }
  deadline(): number {
    return this.ctx.request?.deadlineAt ?? 0;
  }
}

class Orders extends Service {
  static readonly contract = { expose: ['ask', 'wait'] };
  static readonly interceptors: Interceptors = {
    client: [async (call, next) => `around ${await next(call)}`],
  };
  declare readonly users: Client<Users>;
  async wait(): Promise<readonly unknown[]> {
    const { code } = await this.users.slow().catch((error) => error);
    return [code, this.ctx.request?.signal.aborted];
  }
  ask(): Promise<unknown> {
    return this.users.plain();
  }
}

test('an answer is cached for whom it was made, and for nobody else', async () => {
  await using app = await startApp({ users: Users });
  const [acme, other] = ['acme', 'other'].map((tenant) => app.as<Users>('users', { tenant }));
  const answers = [
    await acme?.get(1),
    await acme?.get(1),
    await other?.get(1),
    await acme?.get(2),
    await app.as<Users>('users', { tenant: 'acme', auth: { sub: 'ada' } }).get(1),
  ];
  expect(answers).toEqual([
    { id: 1, run: 1, tenant: 'acme' },
    { id: 1, run: 1, tenant: 'acme' },
    { id: 1, run: 2, tenant: 'other' },
    { id: 2, run: 3, tenant: 'acme' },
    { id: 1, run: 4, tenant: 'acme' },
  ]);
});

test('what a service writes stands before the cache, so that nobody is let in by it', async () => {
  await using app = await startApp({ users: Users });
  await expect(app.as<Users>('users').get('forbidden')).rejects.toMatchObject({ code: 'NO' });
  expect(app.service<Users>('users').runs).toBe(0);
});

test('a method gets no more time than its contract says, and hears that it is over', async () => {
  await using app = await startApp({ users: Users });
  await expect(app.as<Users>('users').slow()).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  await app.service<Users>('users').cancelled.promise;
  const until = await app.as<Users>('users').deadline();
  expect(until - Date.now()).toBeLessThan(5_100);
});

test('a callee that takes too long ends nothing of its caller', async () => {
  await using app = await startApp({ users: Users, orders: Orders });
  expect(await app.as<Orders>('orders').wait()).toEqual(['DEADLINE_EXCEEDED', false]);
});

test('a rate is one for the calls and the routes of a method', async () => {
  await using app = await startApp({ users: Users });
  const users = app.as<Users>('users');
  expect([await users.few(), await users.few()]).toEqual(['few', 'few']);
  await expect(users.few()).rejects.toMatchObject({ code: 'RATE_LIMITED', httpStatus: 429 });
  expect(await app.http('GET', '/few')).toEqual({
    status: 429,
    headers: { 'retry-after': '1000' },
    body: expect.anything(),
  });
});

test('a config changes what the contract says, and limits the whole service', async () => {
  const calls = { '*': { rate: { perSecond: 0.001, burst: 3 } }, few: { rate: 1_000 } };
  await using app = await startApp({ users: { service: Users, calls } });
  const users = app.as<Users>('users');
  expect([await users.few(), await users.few(), await users.few()]).toHaveLength(3);
  await expect(users.plain()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
});

test('interceptors of the calling end stand round its calls only', async () => {
  await using app = await startApp({ users: Users, orders: Orders });
  expect(await app.as<Orders>('orders').ask()).toBe('around plain');
});

test.each([
  ['no list', { server: 1 }, 'have a server that is no list'],
  ['a list of something else', { client: ['log'] }, 'have a client that is no list'],
  ['an unknown key', { servers: [] }, 'have the key servers'],
])('interceptors that are %s are refused', async (_name, interceptors, problem) => {
  // What plain JavaScript can write, no compiler has checked.
  const Odd = class extends Users {
    static override readonly interceptors = interceptors as Interceptors;
  };
  await expect(startApp({ users: Odd })).rejects.toMatchObject({
    code: 'INTERCEPTORS_INVALID',
    message: expect.stringContaining(problem),
  });
});
