import { describe, expect, test } from 'vitest';
import { isEventPattern, matchesEvent } from '../../src/protocol/event-pattern.ts';
import { EventMeter } from '../../src/sdk/events/event-meter.ts';
import { EventQueue, type Outcome } from '../../src/sdk/events/event-queue.ts';
import { deliveriesOf } from '../../src/sdk/events/publisher.ts';
import { Service } from '../../src/sdk/service.ts';
import { startApp } from '../../src/sdk/testing/index.ts';

describe('a pattern', () => {
  test.each([
    ['user.created', 'user.created', true],
    ['user.created', 'user.deleted', false],
    ['user.*', 'user.created', true],
    ['user.*', 'user', false],
    ['user.*', 'user.created.twice', false],
    ['*.created', 'user.created', true],
    ['*', 'user.created', false],
    ['user.**', 'user.created', true],
    ['user.**', 'user.created.twice', true],
    ['user.**', 'user', false],
    ['*.*.**', 'a.b.c.d', true],
    ['**', 'anything.at.all', true],
    ['user.+', 'user.x', false],
  ])('%s and %s: %s', (pattern, event, matches) => {
    expect(isEventPattern(pattern)).toBe(true);
    expect(matchesEvent(pattern, event)).toBe(matches);
  });

  test.each(['', '.', 'a.', '.a', 'a..b', 'a.**.b', 'a*', '***', 'a b', '**.a', 'x'.repeat(257)])(
    'is none: %s',
    (text) => {
      expect(isEventPattern(text)).toBe(false);
    },
  );
});

test('an event goes to one worker of who wants one, and to all of who wants all', () => {
  const contract = { expose: [], routes: [], emits: {}, on: {} };
  const at = (workerId: string, more: object = {}) => ({
    workerId,
    rpcPath: '',
    httpPath: '',
    draining: false,
    ...more,
  });
  const table = {
    generation: 1,
    remotes: [],
    services: {
      mailer: { contract: { ...contract, on: { 'user.*': 'mail' } }, endpoints: [at('m#1')] },
      cache: {
        contract: { ...contract, everywhere: { '**': 'forget' }, on: { 'user.created': 'count' } },
        endpoints: [at('c#1'), at('c#2'), at('c#3', { leaving: true })],
      },
      other: { contract, endpoints: [at('o#1')] },
    },
  };
  expect(deliveriesOf(table, 'user.created')).toEqual([
    { kind: 'event', service: 'mailer', method: 'user.created' },
    { kind: 'event', service: 'cache', method: 'user.created' },
    { kind: 'broadcast', service: 'cache', method: 'user.created', workerId: 'c#1' },
    { kind: 'broadcast', service: 'cache', method: 'user.created', workerId: 'c#2' },
  ]);
  expect(deliveriesOf(table, 'order.paid')).toHaveLength(2);
});

describe('a queue to one subscriber', () => {
  const start = () => {
    const queue = new EventQueue();
    const open: PromiseWithResolvers<void>[] = [];
    const sent: number[] = [];
    const outcomes: Record<Outcome, number[]> = { delivered: [], failed: [], dropped: [] };
    const post = (number: number): void =>
      queue.post({
        send: () => {
          sent.push(number);
          const one = Promise.withResolvers<void>();
          open.push(one);
          return one.promise;
        },
        keep: () => undefined,
        done: (outcome) => outcomes[outcome].push(number),
      });
    const answerAll = async (): Promise<void> => {
      while (!queue.isEmpty) {
        for (const one of open.splice(0)) one.resolve();
        await Promise.resolve();
      }
    };
    return { post, sent, open, outcomes, answerAll };
  };

  test('has 32 on the way, 1,000 that wait, and drops the oldest of these for newer ones [E9]', async () => {
    const { post, sent, outcomes, answerAll } = start();
    for (let number = 0; number < 1_132; number += 1) post(number);
    expect(sent).toHaveLength(32);
    expect(outcomes.dropped).toEqual(Array.from({ length: 100 }, (_, index) => 32 + index));
    await answerAll();
    expect(outcomes.delivered).toHaveLength(1_032);
    expect(sent).toEqual(outcomes.delivered);
    expect(sent.at(-1)).toBe(1_131);
  });

  test('goes on when one fails', async () => {
    const { post, open, outcomes, answerAll } = start();
    for (let number = 0; number < 40; number += 1) post(number);
    open[0]?.reject(new Error('no'));
    await answerAll();
    expect([outcomes.failed, outcomes.delivered.length]).toEqual([[0], 39]);
  });
});

test('names beyond a hundred are counted together', () => {
  const meter = new EventMeter();
  for (let number = 0; number < 150; number += 1) meter.emitted(`user.${number}`);
  meter.posted('user.149', 'mailer', 'dropped');
  const counts = meter.take();
  expect(counts).toHaveLength(101);
  expect(counts.at(-1)).toEqual({
    event: '__other__',
    emitted: 50,
    to: { mailer: { delivered: 0, failed: 0, dropped: 1 } },
  });
  expect(meter.take()).toEqual([]);
});

class Mailer extends Service {
  static readonly contract = {
    on: { 'user.*': 'note', 'user.created': 'fail', 'user.**': { method: 'all', workers: 'all' } },
  } as const;
  readonly noted: unknown[] = [];
  override onStart(): void {
    this.ctx.on('order.*', (order) => this.noted.push(['added', order]));
  }
  note(payload: unknown): void {
    this.noted.push(['note', payload]);
  }
  all(payload: unknown): void {
    this.noted.push(['all', payload]);
  }
  fail(): void {
    throw Object.assign(new Error('no'), { code: 'NO' });
  }
}

class Users extends Service {
  static readonly contract = {
    expose: ['create', 'refuse'],
    emits: { create: 'user.created', refuse: 'user.refused' },
  };
  create(user: object): object {
    return user;
  }
  refuse(): void {
    throw Object.assign(new Error('no'), { code: 'NO' });
  }
}

test('every handler of an event runs, also when one of them fails; a failed method emits nothing', async () => {
  await using app = await startApp({ mailer: Mailer, users: Users });
  const users = app.as<Users>('users');
  await users.create({ id: 7 });
  await users.refuse().catch(() => undefined);
  app.service('users').emit('order.paid', 1);
  await app.settled();
  expect(app.service<Mailer>('mailer').noted.toSorted()).toEqual([
    ['added', 1],
    ['all', { id: 7 }],
    ['note', { id: 7 }],
  ]);
  expect(app.emitted.map(({ from, event }) => [from, event])).toEqual([
    ['users', 'user.created'],
    ['users', 'order.paid'],
  ]);
});

test('what waits for a slow subscriber is as it was when it was emitted', async () => {
  await using app = await startApp({ mailer: Mailer, users: Users });
  const payload = { round: 0 };
  for (; payload.round < 40; payload.round += 1) app.service('users').emit('order.made', payload);
  await app.settled();
  const rounds = app
    .service<Mailer>('mailer')
    .noted.map((each) => (each as [string, typeof payload])[1].round);
  expect(rounds).toEqual(Array.from({ length: 40 }, (_, index) => index));
});

test('what is the name of no event is not emitted, and whoever does it is told', async () => {
  await using app = await startApp({ mailer: Mailer, users: Users });
  const users = app.service('users');
  const names: readonly unknown[] = [
    '',
    ' ',
    'order.*',
    '**',
    'a..b',
    'a b',
    'x'.repeat(257),
    7,
    undefined,
    Symbol('a'),
  ];
  for (const name of names) {
    expect(() => users.emit(name as string, 1)).toThrow('is the name of no event');
  }
  expect(app.emitted).toEqual([]);
});
