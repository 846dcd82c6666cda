import { describe, expect, test } from 'vitest';
import { emptyContract } from '../../src/protocol/contract.ts';
import type { EntryService, Placement, ServiceConfig } from '../../src/protocol/topology.ts';
import { seconds } from '../../src/protocol/units.ts';
import {
  planMove,
  type Request,
  type Situation,
  stepsBack,
  withSteps,
} from '../../src/supervisor/actions/moves.ts';
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
  const { steps } = planMove(request, situation);
  expect(withSteps(situation.placements, steps)).toEqual([
    { group: 'main', services: ['users', 'orders', 'search'], workers: 2 },
  ]);
});

test('a number of workers that a group may not have is refused by the name of who limits it', () => {
  const limited = {
    ...situation,
    services: [service('users'), service('orders', { workers: { min: 1, max: 3, initial: 1 } })],
  };
  expect(() => planMove({ kind: 'scale', service: 'users', workers: 4 }, limited)).toThrow(
    expect.objectContaining({
      message: 'users and orders, which are scaled together, may have 1 to 3 workers, not 4',
      remedy: 'Name a number from 1 to 3, or change workers of orders in the config.',
    }),
  );
});

describe('what takes back', () => {
  const lone = (name: string): Placement => ({
    group: `_isolated:${name}`,
    services: [name],
    workers: 1,
  });
  const apart = {
    ...situation,
    placements: [{ ...search, workers: 3 }, lone('users'), lone('orders')],
  };
  const applied = (request: Request, before: Situation): Situation => ({
    ...before,
    placements: withSteps(before.placements, planMove(request, before).steps),
  });
  const back = (request: Request, before: Situation): Request => {
    const { inverse } = planMove(request, before);
    if (inverse === undefined) throw new Error(`nothing takes back a ${request.kind}`);
    return inverse;
  };
  const groups = ({ placements }: Situation): unknown =>
    placements.toSorted((one, other) => one.group.localeCompare(other.group));
  const moveIn: Request = { kind: 'colocate', service: 'search', with: ['users'] };

  test.each<[string, Request, Situation]>([
    ['a split', { kind: 'split', service: 'orders' }, situation],
    ['a service moving in with a group', moveIn, situation],
    ['two that were alone', moveIn, apart],
    ['three that were', { kind: 'colocate', service: 'users', with: ['search', 'orders'] }, apart],
  ])('%s leaves every group as it was', (_what, request, before) => {
    const changed = applied(request, before);
    expect(groups(changed)).not.toEqual(groups(before));
    expect(groups(applied(back(request, before), changed))).toEqual(groups(before));
  });

  test('leaves the workers that came for the load meanwhile', () => {
    const scaled = applied(
      { kind: 'scale', service: 'users', workers: 4 },
      applied(moveIn, situation),
    );
    expect(groups(applied(back(moveIn, situation), scaled))).toEqual([
      { ...search, workers: 4 },
      { ...main, workers: 4 },
    ]);
  });

  test('is refused when others moved in meanwhile', () => {
    const crowded = applied(
      { kind: 'colocate', service: 'orders', with: ['users'] },
      applied(moveIn, apart),
    );
    expect(() => planMove(back(moveIn, apart), crowded)).toThrow(
      expect.objectContaining({ code: 'REFUSED', message: expect.stringContaining('orders') }),
    );
  });
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

describe('a service that is stopped', () => {
  const contract = { ...emptyContract, expose: ['find'] };
  const stopped = { users: { group: 'main', workers: 2, contract } };

  test('leaves its workers to those that share them, or leaves none', () => {
    const { steps, inverse, touches } = planMove({ kind: 'stop', service: 'users' }, situation);
    expect(steps).toEqual([{ group: 'main', services: ['orders'], workers: 2 }]);
    expect(touches).toEqual(['users', 'orders']);
    expect(inverse).toEqual({ kind: 'start', service: 'users' });
    const alone = planMove({ kind: 'stop', service: 'search' }, situation);
    expect(withSteps(situation.placements, alone.steps)).toEqual([main]);
  });

  test('says whose calls will fail', () => {
    const services = [service('users'), service('orders', { connects: ['users'] })];
    const { consequences } = planMove(
      { kind: 'stop', service: 'users' },
      { ...situation, services },
    );
    expect(consequences).toContain('Calls of it fail in orders');
  });

  test('comes back to where it was, or into workers of its own number when those are gone', () => {
    const shared = { ...situation, stopped, placements: [{ ...main, services: ['orders'] }] };
    const start = { kind: 'start', service: 'users' } as const;
    expect(planMove(start, shared)).toMatchObject({
      steps: [main],
      inverse: { kind: 'stop', service: 'users' },
    });
    expect(planMove(start, { ...situation, stopped, placements: [search] })).toMatchObject({
      from: { group: 'main', workers: 0 },
      steps: [{ group: 'main', services: ['users'], workers: 2 }],
    });
  });

  test.each([
    ['stopped again', { kind: 'stop', service: 'users' }, 'SERVICE_STOPPED'],
    ['scaled', { kind: 'scale', service: 'users', workers: 2 }, 'SERVICE_STOPPED'],
    [
      'company of another',
      { kind: 'colocate', service: 'search', with: ['users'] },
      'SERVICE_STOPPED',
    ],
    ['started when it runs', { kind: 'start', service: 'orders' }, 'REFUSED'],
  ] as const)('cannot be %s', (_what, request, code) => {
    const shared = {
      ...situation,
      stopped,
      placements: [{ ...main, services: ['orders'] }, search],
    };
    expect(() => planMove(request, shared)).toThrow(expect.objectContaining({ code }));
  });

  test('keeps its contract in the routing table, with nobody who answers', () => {
    const { services } = routingTable({
      generation: 1,
      workers: [],
      groupOf: () => undefined,
      remotes: [],
      known: {},
      stopped,
    });
    expect(services).toEqual({ users: { contract, endpoints: [], stopped: true } });
  });
});
