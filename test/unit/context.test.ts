import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { CurrentRequest } from '../../src/sdk/context.ts';
import { type Client, Service } from '../../src/sdk/service.ts';
import { startApp } from '../../src/sdk/testing/index.ts';

const seen = (request: CurrentRequest | undefined) => ({
  from: request?.from,
  hops: request?.hops,
  tenant: request?.tenant,
  auth: request?.auth,
  baggage: request?.baggage,
  traceparent: request?.traceparent,
});

type Seen = ReturnType<typeof seen>;

class Orders extends Service {
  static readonly contract = {
    expose: ['list', 'lists', 'askTimer', 'tell', 'heard', 'carries', 'detaches'],
    on: { 'order.listed': 'onListed' },
  };
  declare readonly users: Client<Users>;
  readonly said: Seen[] = [];

  list(): Seen {
    return seen(this.ctx.request);
  }
  async lists(): Promise<readonly Seen[]> {
    return [seen(this.ctx.request), await this.users.get()];
  }
  async askTimer(): Promise<Seen> {
    await setTimeout(1);
    const asked = Promise.withResolvers<Seen>();
    globalThis.setTimeout(() => asked.resolve(this.users.get()), 1);
    return asked.promise;
  }
  tell(): void {
    this.emit('order.listed', {});
    this.send('users', {});
  }
  onListed(): void {
    this.said.push(seen(this.ctx.request));
  }
  heard(): readonly Seen[] {
    return this.said;
  }
  carries(luggage: object): Promise<Seen> {
    return this.ctx.carry(luggage, () => this.users.get());
  }
  detaches(): readonly boolean[] {
    const outer = this.ctx.request?.deadlineAt ?? 0;
    return this.ctx.detach(() => [
      Number.isFinite(outer),
      Number.isFinite(this.ctx.request?.deadlineAt ?? 0),
    ]);
  }
}

class Users extends Service {
  static readonly contract = { expose: ['get'] };
  readonly heard: Seen[] = [];

  get(): Seen {
    return seen(this.ctx.request);
  }
  override onMessage(): void {
    this.heard.push(seen(this.ctx.request));
  }
}

const luggage = {
  tenant: 'acme',
  auth: { sub: 'ada', roles: ['admin'] },
  baggage: { plan: 'gold' },
};

test('tenant, auth and baggage go along with a call, and each hop is counted', async () => {
  await using app = await startApp({ orders: Orders, users: Users });
  const [first, second] = await app.as<Orders>('orders', luggage).lists();
  expect(first).toMatchObject({ ...luggage, from: 'test', hops: 0 });
  expect(second).toMatchObject({ ...luggage, from: 'orders', hops: 1 });
  expect(second?.traceparent).toBe(first?.traceparent);
});

test('they go along with a timer, an event and a message', async () => {
  await using app = await startApp({ orders: Orders, users: Users });
  const orders = app.as<Orders>('orders', luggage);
  expect(await orders.askTimer()).toMatchObject({ ...luggage, hops: 1 });
  await orders.tell();
  await app.settled();
  expect(await orders.heard()).toMatchObject([{ ...luggage, hops: 1 }]);
  expect(app.service<Users>('users').heard).toMatchObject([{ ...luggage, from: 'orders' }]);
});

test('nothing of one request comes to another', async () => {
  await using app = await startApp({ orders: Orders, users: Users });
  await app.as<Orders>('orders', luggage).lists();
  expect(await app.as<Orders>('orders').list()).toMatchObject({ tenant: undefined, baggage: {} });
});

test('a service carries more than it was given, and its own request is as before', async () => {
  await using app = await startApp({ orders: Orders, users: Users });
  const orders = app.as<Orders>('orders', luggage);
  const more = await orders.carries({ tenant: 'other', baggage: { city: 'Turin' } });
  expect(more).toMatchObject({ tenant: 'other', baggage: { plan: 'gold', city: 'Turin' } });
});

test('more than a request may carry is refused where it is packed', async () => {
  await using app = await startApp({ orders: Orders, users: Users });
  const orders = app.as<Orders>('orders');
  const entries = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`k${index}`, '']));
  for (const baggage of [entries, { big: 'x'.repeat(9_000) }, { '1x': '' }, { ok: 7 }]) {
    await expect(orders.carries({ baggage })).rejects.toMatchObject({ code: 'CONTEXT_INVALID' });
  }
});

test('what is detached outlives the deadline of its request', async () => {
  await using app = await startApp({ orders: Orders, users: Users });
  expect(await app.as<Orders>('orders').detaches()).toEqual([true, false]);
});

class First extends Service {
  static readonly contract = { expose: ['ask'] };
  declare readonly second: Client<Second>;

  ask(headers: Record<string, string>): Promise<readonly unknown[]> {
    return this.second.with({ headers }).get();
  }
}

class Second extends Service {
  static readonly contract = { expose: ['get'] };
  declare readonly third: Client<Third>;

  async get(): Promise<readonly unknown[]> {
    return [this.ctx.request?.headers, await this.third.get()];
  }
}

class Third extends Service {
  static readonly contract = { expose: ['get'] };

  get(): unknown {
    return this.ctx.request?.headers;
  }
}

const three = { first: First, second: Second, third: Third };

test('the headers of a call are for who answers it, and go no further', async () => {
  await using app = await startApp(three);
  const answers = await app.as<First>('first').ask({ Accept: 'text/plain' });
  expect(answers).toEqual([{ accept: 'text/plain' }, {}]);
});

test("headers that are none, too many or not the caller's to set are refused", async () => {
  await using app = await startApp(three);
  const first = app.as<First>('first');
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`h${index}`, '']));
  const wrong = [
    '__proto__',
    'a b',
    '',
    'Host',
    'Transfer-Encoding',
    'x-forge-user',
    'traceparent',
  ];
  for (const headers of [
    many,
    { big: 'x'.repeat(9_000) },
    { split: 'a\r\nx: 1' },
    { number: 7 as unknown as string },
    ...wrong.map((name) => Object.fromEntries([[name, '1']])),
  ]) {
    await expect(first.ask(headers)).rejects.toMatchObject({ code: 'CONTEXT_INVALID' });
  }
});

test('an answer that is kept is for calls with the same headers', async () => {
  await using app = await startApp({
    ...three,
    third: { service: Third, calls: { get: { cache: '1 min' } } },
    first: { service: Reader, connects: ['third'] },
  });
  const reader = app.as<Reader>('first');
  expect(await reader.read('de')).toEqual({ 'accept-language': 'de' });
  expect(await reader.read('it')).toEqual({ 'accept-language': 'it' });
});

class Reader extends Service {
  static readonly contract = { expose: ['read'] };
  declare readonly third: Client<Third>;

  read(language: string): Promise<unknown> {
    return this.third.with({ headers: { 'accept-language': language } }).get();
  }
}

class Circle extends Service {
  static readonly contract = { expose: ['turn'], on: { 'circle.turned': 'again' } };
  declare readonly circle: { readonly turn: () => Promise<unknown> };
  turns = 0;

  turn(): Promise<unknown> {
    this.turns += 1;
    return this.circle.turn();
  }
  again(): void {
    this.turns += 1;
    this.emit('circle.turned', {});
  }
}

test('a circle of calls is broken behind the 16th hop', async () => {
  await using app = await startApp({ circle: { service: Circle, connects: ['circle'] } });
  await expect(app.as<Circle>('circle').turn()).rejects.toMatchObject({ code: 'TOO_MANY_HOPS' });
  expect(app.service<Circle>('circle').turns).toBe(17);
});

test('a circle of events is broken too', async () => {
  await using app = await startApp({ circle: Circle });
  app.service('circle').emit('circle.turned', {});
  await app.settled();
  expect(app.service<Circle>('circle').turns).toBe(16);
});
