import { expect, test } from 'vitest';
import { contractOf, type ServiceClass } from '../../src/sdk/contract.ts';
import { Expose } from '../../src/sdk/decorators.ts';
import { Service } from '../../src/sdk/service.ts';

const withContract = (contract: unknown): ServiceClass => {
  class Base extends Service {
    audit(): void {}
  }
  class Users extends Base {
    static readonly contract = contract;
    getUser(): void {}
    createUser(): void {}
    toJSON(): void {}
  }
  // What plain JavaScript can write, no compiler has checked.
  return Users as unknown as ServiceClass;
};

const read = (contract: unknown) => contractOf('users', withContract(contract));

test('a contract is read as it was written, and what it leaves out is empty', () => {
  const nothing = { expose: [], idempotent: [], routes: [], emits: {}, on: {} };
  expect(read(undefined)).toEqual(nothing);
  const written = {
    expose: ['getUser', 'audit'],
    routes: [{ method: 'GET', path: '/users/:id', handler: 'getUser' }],
    emits: { createUser: 'user.created' },
    on: { 'order.paid': 'createUser' },
  };
  expect(read(written)).toEqual({ ...written, idempotent: [] });
});

test('what may run twice is named so, in a table of what is exposed', () => {
  const { expose, idempotent } = read({ expose: { getUser: { idempotent: true }, audit: {} } });
  expect(expose).toEqual(['getUser', 'audit']);
  expect(idempotent).toEqual(['getUser']);
});

test('routes may be a table of method and path', () => {
  expect(
    read({ routes: { 'GET /users/:id': 'getUser', 'POST   /users': 'createUser' } }).routes,
  ).toEqual([
    { method: 'GET', path: '/users/:id', handler: 'getUser' },
    { method: 'POST', path: '/users', handler: 'createUser' },
  ]);
});

test('what a route asks of its requests is read, sizes and times as numbers', () => {
  const routes = [
    { method: 'POST', path: '/users', handler: 'createUser', bodyLimit: '2 KB', once: '10 min' },
    { method: 'PUT', path: '/users', handler: 'createUser', bodyLimit: 100, rate: 5 },
  ];
  const auth = { roles: ['admin'], scopes: ['write'] };
  const guarded = [
    { method: 'GET', path: '/a', handler: 'getUser', auth: true },
    { method: 'GET', path: '/b', handler: 'getUser', auth },
  ];
  expect(read({ routes: guarded }).routes.map(({ terms }) => terms)).toEqual([
    { auth: {} },
    { auth },
  ]);
  expect(read({ routes })).toMatchObject({
    routes: [{ terms: { body: 2_048, onceMs: 600_000 } }, { terms: { body: 100 } }],
    calls: { createUser: { rate: { perSecond: 5 } } },
  });
});

const route = (change: object): object => ({
  routes: [{ method: 'GET', path: '/users', handler: 'getUser', ...change }],
});

test.each([
  ['a method it does not have', { expose: ['getUsers'] }, 'names getUsers, which is no method'],
  ['its constructor', { expose: ['constructor'] }, 'names constructor'],
  ['a prototype', { expose: ['__proto__'] }, 'names __proto__'],
  ['a hook', { expose: ['onStop'] }, 'names onStop'],
  [
    'a method of Service',
    { on: { 'user.created': 'broadcast' } },
    'names broadcast, which every service has',
  ],
  ['a method of Object', { emits: { toString: 'text' } }, 'names toString'],
  ['an event without a name', { emits: { getUser: '' } }, 'has the event "", which is none'],
  [
    'a pattern for an event',
    { emits: { getUser: 'user.*' } },
    'has the event "user.*", which is none',
  ],
  ['an unknown key', { exposes: ['getUser'] }, 'has the key exposes'],
  ['a text for a list', { expose: 'getUser' }, 'has an expose that is not as in'],
  [
    'an unknown option',
    { expose: { getUser: { twice: true } } },
    'has an expose that is not as in',
  ],
  ['a symbol', { expose: [Symbol('getUser')] }, 'has an expose that is not as in'],
  ['a list for a table', { emits: ['createUser'] }, 'has an emits that is not'],
  ['a number for a method', { on: { 'user.created': 1 } }, 'has an on that is not'],
  ['a number for routes', { routes: 1 }, 'has routes that are not'],
  ['a route of nothing', { routes: [null] }, 'has routes that are not'],
  ['a route without handler', route({ handler: undefined }), 'has routes that are not'],
  ['a handler that is no method', route({ handler: 'list' }), 'names list'],
  ['a size that is none', route({ bodyLimit: 'much' }), 'gives getUser a bodyLimit that is no'],
  ['a size of nothing', route({ bodyLimit: 0 }), 'gives getUser a bodyLimit that is no size'],
  ['a flag for a time', route({ once: true }), 'gives getUser a once that is no time'],
  ['an auth that lets all in', route({ auth: false }), 'gives getUser an auth that is not as'],
  ['a role for roles', route({ auth: { role: ['a'] } }), 'gives getUser an auth that is not as'],
  ['a text for roles', route({ auth: { roles: 'a' } }), 'gives getUser an auth that is not as'],
  ['no role', route({ auth: { roles: [] } }), 'gives getUser an auth that is not as'],
  [
    'what every object is asked for',
    { expose: ['toJSON'] },
    'exposes toJSON, which JavaScript itself asks of objects',
  ],
  ['an unknown HTTP method', route({ method: 'FETCH' }), 'has the route FETCH /users, but'],
  ['a method in small letters', route({ method: 'get' }), 'has the route get /users, but'],
  ['a path without slash', route({ path: 'users' }), 'has the route GET users: The first char'],
  ['a path that cannot be read', route({ path: '/:id(' }), 'has the route GET /:id(: Invalid'],
  ['a star in the middle', route({ path: '/*/x' }), 'has the route GET /*/x: Wildcard'],
  ['no path in a table', { routes: { GET: 'getUser' } }, 'has the route GET : The path could'],
  [
    'one route twice',
    { routes: { 'GET /users/:id': 'getUser', 'GET /users/:name': 'getUser' } },
    'has the route GET /users/:name twice',
  ],
])('a contract that names %s is refused', (_name, contract, problem) => {
  expect(() => read(contract)).toThrow(
    expect.objectContaining({
      code: 'CONTRACT_INVALID',
      message: expect.stringContaining(`The contract of users ${problem}`),
    }),
  );
});

test('decorators of before the standard say what is to be changed', () => {
  class Users extends Service {
    getUser(): void {}
  }
  // So compilers call it with `experimentalDecorators`.
  const decorate = Expose() as unknown as (prototype: object, name: string) => void;
  expect(() => decorate(Users.prototype, 'getUser')).toThrow(
    expect.objectContaining({
      code: 'CONTRACT_INVALID',
      message: expect.stringMatching(/^The contract of Users .* experimentalDecorators/),
    }),
  );
});
