import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contractOf } from '../../src/sdk/contract.ts';
import type { CallKind } from '../../src/sdk/rpc/calls.ts';
import { Service } from '../../src/sdk/service.ts';
import { Hosted } from '../../src/sdk/worker/hosted.ts';
import { quietLog } from '../helpers/quiet-log.ts';
import { answer, callerOf } from '../helpers/rpc.ts';
import { seed } from '../helpers/seed.ts';

class Base extends Service {
  inherited(): string {
    return 'inherited';
  }
}

class Users extends Base {
  static readonly contract = {
    expose: ['getUser'],
    routes: [{ method: 'GET', path: '/users/:id', handler: 'getUserRoute' }],
    on: { 'order.paid': 'onOrderPaid' },
  } as const;

  readonly secretField = (): string => 'secret';
  getUser(): string {
    return 'Ada';
  }
  getUserRoute(): string {
    return 'Ada over HTTP';
  }
  onOrderPaid(): string {
    return 'noted';
  }
  secret(): string {
    return 'secret';
  }
  override onMessage(): void {}
  override onRequest(): string {
    return 'requested';
  }
}

const startUsers = () => {
  const hosted = new Hosted({
    name: 'users',
    service: new Users(),
    log: quietLog,
    contract: contractOf('users', Users),
  });
  return answer((call) => hosted.handle(call));
};

test.each<readonly [CallKind, string, unknown]>([
  ['call', 'getUser', 'Ada'],
  ['route', 'getUserRoute', 'Ada over HTTP'],
  ['event', 'order.paid', 'noted'],
  ['message', '', undefined],
  ['request', '', 'requested'],
])('a %s of what the contract offers is answered', async (kind, method, value) => {
  await using users = await startUsers();
  using caller = callerOf([users]);
  expect(await caller.call(method, { kind })).toBe(value);
});

const everywhere = [
  'constructor',
  '__proto__',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  'onStart',
  'onStop',
  'onMessage',
  'onRequest',
  'send',
  'request',
  'emit',
  'broadcast',
  'ctx',
  'inherited',
  'secret',
  'secretField',
  'Symbol(threadforge.bus)',
  'then',
  '',
];
const byKind: readonly (readonly [CallKind, readonly string[]])[] = [
  ['call', [...everywhere, 'getUserRoute', 'onOrderPaid', 'order.paid']],
  ['route', [...everywhere, 'getUser', 'onOrderPaid']],
  ['event', [...everywhere, 'getUser', 'getUserRoute', 'onOrderPaid']],
];

test.each(byKind)('a %s of anything else is METHOD_NOT_EXPOSED', async (kind, methods) => {
  await using users = await startUsers();
  using caller = callerOf([users]);
  for (const method of methods) {
    await expect(caller.call(method, { kind }), method).rejects.toMatchObject({
      code: 'METHOD_NOT_EXPOSED',
      message: `users.${method} is not exposed`,
      remedy: expect.stringContaining('exposed are getUser'),
    });
  }
});

/** Every name that a walk along the prototypes of these finds. */
const namesOf = (...values: readonly object[]): readonly string[] => {
  const names = new Set<string>();
  for (const value of values) {
    for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at)) {
      for (const key of Reflect.ownKeys(at)) names.add(String(key));
    }
  }
  return [...names].filter((name) => name !== 'getUser');
};

const reachable = namesOf(
  ...[new Users(), Users, [], new Map(), Promise.resolve()],
  ...[Object('text'), Object(1), Buffer.alloc(0)],
);

const disguises: readonly ((name: string) => string)[] = [
  (name) => ` ${name}`,
  (name) => `${name}\0`,
  (name) => name.toUpperCase(),
  (name) => name.replace('e', '\u0435'),
  (name) => `${name}.call`,
  (name) => `__proto__.${name}`,
  (name) => `getUser.${name}`,
  (name) => name.repeat(1_000),
];

const hostile = fc.oneof(
  fc.constantFrom(...reachable),
  fc
    .tuple(fc.constantFrom(...reachable, 'getUser'), fc.constantFrom(...disguises))
    .map(([name, disguise]) => disguise(name)),
  fc.string({ unit: 'binary' }).filter((name) => name !== 'getUser'),
);

test('no name that anybody thinks of reaches what is not exposed [E1]', async () => {
  expect(reachable.length).toBeGreaterThan(200);
  await using users = await startUsers();
  using caller = callerOf([users]);
  const refused = expect.objectContaining({ code: 'METHOD_NOT_EXPOSED' });
  await Promise.all(
    reachable.map((name) => expect(caller.call(name), name).rejects.toEqual(refused)),
  );
  await fc.assert(
    fc.asyncProperty(hostile, fc.constantFrom('call', 'route', 'event'), async (name, kind) => {
      // The handler of a route is what a route may reach.
      fc.pre(kind !== 'route' || name !== 'getUserRoute');
      await expect(caller.call(name, { kind })).rejects.toEqual(refused);
    }),
    { seed, numRuns: 400 },
  );
  expect(await caller.call('getUser')).toBe('Ada');
});
