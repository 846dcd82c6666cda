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
const lone = (name: string): Placement => ({
  group: `_isolated:${name}`,
  services: [name],
  workers: 1,
});
const situation = {
  services: [service('users'), service('orders'), service('search', { env: { MODE: 'x' } })],
  placements: [main, search],
};

test('a split starts the new group first and replaces the old one after', () => {
  const { steps } = planMove({ kind: 'split', service: 'users' }, situation);
  expect(steps).toEqual([
    { group: '_isolated:users', services: ['users'], workers: 2 },
    { group: 'main', services: ['orders'], workers: 2 },
  ]);
  expect(stepsBack(situation.placements, steps)).toEqual([
    main,
    { group: '_isolated:users', services: [], workers: 0 },
  ]);
});

test.each([
  ['what its config says', { workers: { min: 1, max: 4, initial: 1 }, ofGroup: 3, alone: 1 }],
  ['never fewer than that', { workers: { min: 2, max: 4, initial: 3 }, ofGroup: 3, alone: 3 }],
  [
    'as many as somebody gave its group',
    { workers: { min: 1, max: 4, initial: 1 }, ofGroup: 4, alone: 4 },
  ],
  ['no more than it may have', { workers: { min: 1, max: 2, initial: 1 }, ofGroup: 4, alone: 2 }],
] as const)('a service that is split out gets %s', (_what, { workers, ofGroup, alone }) => {
  const orders = service('orders', { workers: { min: 1, max: 4, initial: 3 } });
  const { steps } = planMove(
    { kind: 'split', service: 'users' },
    {
      services: [service('users', { workers }), orders],
      placements: [{ ...main, workers: ofGroup }],
    },
  );
  expect(steps[0]?.workers).toBe(alone);
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

describe('a group that a colocation makes', () => {
  const groupOf = (services: readonly [string, string], others: Partial<Situation> = {}): string =>
    planMove(
      { kind: 'colocate', service: services[0], with: [services[1]] },
      {
        services: [...services.map((name) => service(name)), ...(others.services ?? [])],
        placements: [...services.map(lone), ...(others.placements ?? [])],
        stopped: others.stopped ?? {},
      },
    ).to.group;

  test('is called as those that are in it', () => {
    expect(groupOf(['search', 'users'])).toBe('search-users');
  });

  test('has a name that a config and a file may have, however long theirs are', () => {
    const group = groupOf(['a'.repeat(64), 'b'.repeat(64)]);
    expect(group).toBe(`${'a'.repeat(50)}-group`);
    expect(group.length).toBeLessThanOrEqual(64);
  });

  test.each<[string, Partial<Situation>]>([
    ['a service', { services: [service('a-b', { group: '_isolated:a-b' })] }],
    ['a group', { placements: [{ group: 'a-b', services: ['c'], workers: 1 }] }],
    ['a group whose services are elsewhere now', { services: [service('c', { group: 'a-b' })] }],
    [
      'the group of a stopped service',
      { stopped: { c: { group: 'a-b', workers: 1, contract: emptyContract } } },
    ],
  ])('has no name that %s has', (_what, others) => {
    expect(groupOf(['a', 'b'], others)).toBe('a-group');
    const second = [...(others.placements ?? []), { ...main, group: 'a-group' }];
    expect(groupOf(['a', 'b'], { ...others, placements: second })).toBe('a-group-2');
  });
});

describe('what takes back', () => {
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
});
