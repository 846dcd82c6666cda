import { describe, expect, test } from 'vitest';
import type { Contract } from '../../src/protocol/contract.ts';
import { emptyContract } from '../../src/protocol/contract.ts';
import type { RoutingTable } from '../../src/protocol/topology.ts';
import { canaryOf, rawCanaryOf, withoutTrials } from '../../src/sdk/rpc/balance/canary.ts';

type Services = RoutingTable['services'];

const endpoint = { workerId: 'next#1', rpcPath: '', httpPath: '', draining: false };
const next = {
  contract: {
    ...emptyContract,
    expose: ['get'],
    routes: [{ method: 'GET', path: '/users', handler: 'list' }],
  } satisfies Contract,
  endpoints: [endpoint],
};
const services = (change: Partial<Services[string]> = {}): Services => ({
  users: { contract: emptyContract, endpoints: [], canary: { service: 'next', percent: 5 } },
  next: { ...next, ...change },
});
const call = { kind: 'call', service: 'users', method: 'get', workerId: undefined, key: undefined };
const asked = call as Parameters<typeof canaryOf>[1];

/** How many of a thousand go to the one on trial, when what is drawn is spread evenly. */
const shareOf = (table: Services, change: Partial<typeof asked> = {}): number =>
  Array.from({ length: 1_000 }, (_, index) =>
    canaryOf(table, { ...asked, ...change }, () => index / 1_000),
  ).filter((service) => service === 'next').length;

test('the one on trial gets its share of calls, routes and requests', () => {
  expect(shareOf(services())).toBe(50);
  expect(shareOf(services(), { kind: 'route', method: 'list' })).toBe(50);
  expect(shareOf(services(), { kind: 'request', method: '' })).toBe(50);
  expect(shareOf(services(), { service: 'next' })).toBe(1_000);
});

test.each([
  ['an event', { kind: 'event', method: 'user.created' }, {}],
  ['a message', { kind: 'message', method: '' }, {}],
  ['a call of what it does not have', { method: 'set' }, {}],
  ['a route that it does not have', { kind: 'route', method: 'get' }, {}],
  ['a call to one certain worker', { workerId: 'users#1' }, {}],
  ['anything, without a worker,', {}, { endpoints: [] }],
  ['anything, when it leaves,', {}, { endpoints: [{ ...endpoint, draining: true }] }],
] as const)('%s does not go to the one on trial', (_name, change, trial) => {
  expect(shareOf(services(trial), change)).toBe(0);
});

describe('a raw route', () => {
  const raw = { service: 'users', method: 'GET', path: '/live' } as const;
  const rawShareOf = (
    routes: Contract['routes'],
    change: Partial<Parameters<typeof rawCanaryOf>[1]> = {},
  ): number => {
    const table = services({ contract: { ...emptyContract, routes } });
    return Array.from({ length: 1_000 }, (_, index) =>
      rawCanaryOf(table, { ...raw, ...change }, () => index / 1_000),
    ).filter((service) => service === 'next').length;
  };
  const live = { method: 'GET', path: '/live' } as const;

  test('that both have is shared', () => {
    expect(rawShareOf([live])).toBe(50);
    expect(rawShareOf([{ ...live, upgrade: true }], { upgrade: true })).toBe(50);
    expect(rawShareOf([live], { service: 'next' })).toBe(1_000);
  });

  test.each<readonly [string, Contract['routes']]>([
    ['that it does not have', []],
    ['that it has by another path', [{ ...live, path: '/other' }]],
    ['that it has for another method', [{ ...live, method: 'POST' }]],
    ['that it has as a WebSocket', [{ ...live, upgrade: true }]],
    ['that it has as a contract route', [{ ...live, handler: 'live' }]],
  ])('%s does not go to the one on trial', (_name, routes) => {
    expect(rawShareOf(routes)).toBe(0);
  });
});

test('a key stays on one side, and keys are shared as calls are', () => {
  const keys = Array.from({ length: 10_000 }, (_, index) => `user-${index}`);
  const sideOf = (key: string): string => canaryOf(services(), { ...asked, key });
  expect(keys.map(sideOf)).toEqual(keys.map(sideOf));
  const share = keys.filter((key) => sideOf(key) === 'next').length;
  expect(share).toBeGreaterThan(400);
  expect(share).toBeLessThan(600);
});

test('the routes of the one on trial are not its own', () => {
  expect(Object.keys(withoutTrials(services()))).toEqual(['users']);
  const alone = { next };
  expect(withoutTrials(alone)).toBe(alone);
});
