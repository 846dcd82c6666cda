import { describe, expect, test } from 'vitest';
import { emptyContract } from '../../src/protocol/contract.ts';
import { routingTable } from '../../src/supervisor/registry/routing-table.ts';

const worker = (id: string, group: string, fields: object = {}) => ({
  id,
  group,
  services: ['users'],
  status: 'ready' as const,
  isAvoided: false,
  isStandby: false,
  rpcPath: `/${id}.rpc`,
  httpPath: `/${id}.http`,
  contracts: { users: emptyContract },
  failures: new Map<string, string>(),
  unhealthy: new Map<string, string>(),
  ...fields,
});

const around = { generation: 7, groupOf: () => '_isolated:users', remotes: [], known: {} };

test('routes lead to ready workers only, and away from a group that a service has left', () => {
  const table = routingTable({
    ...around,
    workers: [
      worker('main#1', 'main'),
      worker('users#1', '_isolated:users'),
      worker('users#2', '_isolated:users', { status: 'starting' }),
      worker('users#3', '_isolated:users', { failures: new Map([['users', 'no database']]) }),
      worker('users#4', '_isolated:users', { unhealthy: new Map([['users', 'slow disk']]) }),
      worker('users#5', '_isolated:users', { status: 'draining' }),
    ],
  });
  const { users } = table.services;
  expect(
    users?.endpoints.map(({ workerId, draining, leaving }) => [workerId, draining, leaving]),
  ).toEqual([
    ['main#1', true, undefined],
    ['users#1', false, undefined],
    ['users#4', true, undefined],
    ['users#5', true, true],
  ]);
});

describe('the contract of a service', () => {
  const raw = { ...emptyContract, routes: [{ method: 'GET', path: '/raw' }] as const };
  const ready = worker('users#1', '_isolated:users', { contracts: { users: raw } });
  const starting = worker('users#2', '_isolated:users', { status: 'starting' });

  test('is that of a worker which answers, not of a newer one that still starts', () => {
    const table = routingTable({ ...around, workers: [ready, starting] });
    expect(table.services['users']?.contract).toEqual(raw);
  });

  test('is kept while no worker answers, until the service is no longer part of the app', () => {
    const known = routingTable({ ...around, workers: [ready] }).services;
    const without = routingTable({ ...around, workers: [], known });
    expect(without.services).toEqual({ users: { contract: raw, endpoints: [] } });
    const again = routingTable({ ...around, workers: [starting], known });
    expect(again.services).toEqual({ users: { contract: raw, endpoints: [] } });
    const gone = routingTable({ ...around, workers: [], known, groupOf: () => undefined });
    expect(gone.services).toEqual({});
  });
});

test('a service that is stopped keeps its contract in the routing table, with nobody who answers', () => {
  const contract = { ...emptyContract, expose: ['find'] };
  const stopped = { users: { group: 'main', workers: 2, contract } };
  const { services } = routingTable({ ...around, groupOf: () => undefined, workers: [], stopped });
  expect(services).toEqual({ users: { contract, endpoints: [], stopped: true } });
});

test('a worker whose place new ones have taken is told so, and asked when nobody else is left', () => {
  const workers = [worker('users#1', '_isolated:users', { isAvoided: true, isStandby: true })];
  const { users } = routingTable({ ...around, workers }).services;
  expect(users?.endpoints).toMatchObject([{ draining: true, standby: true }]);
});

test('services stand as the config names them, whoever was started or stopped last', () => {
  const contracts = (name: string) => ({ contracts: { [name]: emptyContract } });
  const { services } = routingTable({
    ...around,
    order: ['users', 'people', 'lists', 'gone'],
    workers: [worker('lists#1', 'lists', contracts('lists')), worker('users#2', 'users')],
    stopped: { people: { contract: emptyContract } },
  });
  expect(Object.keys(services)).toEqual(['users', 'people', 'lists']);
});
