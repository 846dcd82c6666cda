import { describe, expect, test } from 'vitest';
import { Routes } from '../../src/sdk/front/routes.ts';

const get = { method: 'GET', path: '/' } as const;
const routes = new Routes({
  shop: { contract: { routes: [{ ...get, handler: 'home', host: 'shop.example' }] } },
  root: { contract: { routes: [{ ...get, path: '/root', handler: 'home', host: 'a.example.' }] } },
  live: { contract: { routes: [{ ...get, upgrade: true, host: 'shop.example' }] } },
});

describe('a host is the same host', () => {
  test.each([
    ['as it was declared', 'shop.example'],
    ['with a port', 'shop.example:80'],
    ['in capitals', 'SHOP.Example'],
    ['with the dot of the root', 'shop.example.'],
    ['in capitals, with the dot and a port', 'SHOP.EXAMPLE.:8080'],
  ])('%s', (_way, host) => {
    expect(routes.find('GET', '/', host)?.service).toBe('shop');
    expect(routes.findUpgrade('/', host)?.service).toBe('live');
    expect(routes.allowed('/', host)).toEqual(['GET', 'HEAD']);
  });

  test('whoever writes the dot, the route or the request', () => {
    expect(routes.find('GET', '/root', 'a.example')?.service).toBe('root');
    expect(routes.find('GET', '/root', 'A.example.:80')?.service).toBe('root');
  });
});

test.each(['', 'shop', 'shop.example.evil', 'a.shop.example', 'shop.example..', '[::1]:80'])(
  'and %j is another one',
  (host) => {
    expect(routes.find('GET', '/', host)).toBeUndefined();
    expect(routes.find('GET', '/', 'shop.example')?.service).toBe('shop');
  },
);

test('of two services with the same route the first keeps it, and the other one is named', () => {
  const user = { method: 'GET', path: '/users/:id', handler: 'show' } as const;
  const head = { method: 'HEAD', path: '/users', handler: 'count' } as const;
  const both = new Routes({
    users: { contract: { routes: [user] } },
    people: {
      contract: {
        routes: [
          { ...user, path: '/users/:name' },
          { ...user, host: 'a.example' },
        ],
      },
    },
    lists: { contract: { routes: [{ ...user, path: '/users' }, head] } },
  });
  expect(both.find('GET', '/users/7', 'x')?.service).toBe('users');
  expect(both.unserved).toEqual(['GET /users/:name of people is not served: users has it']);
});

test('they stay as they are until somebody declares others, or in another order', () => {
  const at = (path: string) => ({ contract: { routes: [{ ...get, path, handler: 'home' }] } });
  const made = new Routes({ shop: at('/'), blog: at('/blog') });
  // A table that comes over a channel has nothing of the former one.
  expect(made.isOf(structuredClone({ shop: at('/'), blog: at('/blog') }))).toBe(true);
  expect(made.isOf({ shop: at('/'), blog: at('/news') })).toBe(false);
  expect(made.isOf({ blog: at('/blog'), shop: at('/') })).toBe(false);
  expect(made.isOf({ shop: at('/') })).toBe(false);
});
