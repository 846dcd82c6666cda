import { describe, expect, test } from 'vitest';
import { emptyContract } from '../../src/protocol/contract.ts';
import type { EntryService, Placement, ServiceConfig } from '../../src/protocol/topology.ts';
import { seconds } from '../../src/protocol/units.ts';
import { planMove, stepsBack, withSteps } from '../../src/supervisor/actions/moves.ts';
import { routingTable } from '../../src/supervisor/registry/routing-table.ts';
import { startLevels } from '../../src/supervisor/topology/dependencies.ts';

const service = (name: string, fields: Partial<EntryService> = {}): ServiceConfig => ({
  name,
  entry: `/${name}.js`,
  group: 'main',
  workers: { min: 1, max: 4, initial: 1 },
  connects: [],
  dependsOn: [],
  env: {},
  health: { blockedAfter: seconds(1), replaceAfter: seconds(5) },
  timeouts: { start: seconds(1), stop: seconds(1), request: seconds(1) },
  ...fields,
});
const main: Placement = { group: 'main', services: ['users', 'orders'], workers: 2 };
const search: Placement = { group: '_isolated:search', services: ['search'], workers: 1 };
const situation = {
  services: [service('users'), service('orders'), service('search', { env: { MODE: 'x' } })],
  placements: [main, search],
};

test('a split starts the new group first and replaces the old one after', () => {
  const { steps } = planMove({ kind: 'split', service: 'users' }, situation);
  expect(steps).toEqual([
    { group: '_isolated:users', services: ['users'], workers: 1 },
    { group: 'main', services: ['orders'], workers: 2 },
  ]);
  expect(stepsBack(situation.placements, steps)).toEqual([
    main,
    { group: '_isolated:users', services: [], workers: 0 },
  ]);
});

test('a colocation grows the group it joins and ends the one it leaves', () => {
  const request = { kind: 'colocate', service: 'search', with: ['users'] } as const;
  const { steps, inverse } = planMove(request, situation);
  expect(withSteps(situation.placements, steps)).toEqual([
    { group: 'main', services: ['users', 'orders', 'search'], workers: 2 },
  ]);
  expect(inverse).toEqual({ kind: 'split', service: 'search', workers: 1 });
});

test.each([
  ['more workers than allowed', { kind: 'scale', service: 'users', workers: 5 }, 'REFUSED'],
  ['no workers', { kind: 'scale', service: 'users', workers: 0 }, 'REFUSED'],
  ['an unknown service', { kind: 'scale', service: 'user', workers: 2 }, 'UNKNOWN_SERVICE'],
  ['a split of a lone service', { kind: 'split', service: 'search' }, 'REFUSED'],
  ['company it has', { kind: 'colocate', service: 'users', with: ['orders'] }, 'REFUSED'],
] as const)('%s is refused before anything happens', (_name, request, code) => {
  expect(() => planMove(request, situation)).toThrow(expect.objectContaining({ code }));
});

test('groups that wait for each other start together, all others after what they depend on', () => {
  const placements = [
    { group: 'front', services: ['gateway'], workers: 1 },
    { group: 'a', services: ['a1', 'a2'], workers: 1 },
    { group: 'b', services: ['b1'], workers: 1 },
    { group: 'base', services: ['base'], workers: 1 },
  ];
  const services = [
    service('gateway', { dependsOn: ['base'] }),
    service('a1', { dependsOn: ['b1'] }),
    service('a2'),
    service('b1', { dependsOn: ['a2'] }),
    service('base'),
  ];
  expect(startLevels(placements, services)).toEqual([['base'], ['front'], ['a', 'b']]);
});

const worker = (id: string, group: string, fields: object = {}) => ({
  id,
  group,
  services: ['users'],
  status: 'ready' as const,
  isAvoided: false,
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
