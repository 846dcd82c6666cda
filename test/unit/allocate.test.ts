import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { megabytes } from '../../src/protocol/units.ts';
import { type Allocated, allocate, steadyBudget } from '../../src/supervisor/topology/allocate.ts';
import { type Demand, demandOf } from '../../src/supervisor/topology/demand.ts';
import { explainAllocation } from '../../src/supervisor/topology/explain-allocation.ts';

const demand = (group: string, fields: Partial<Demand> = {}): Demand => ({
  group,
  services: [group],
  least: 1,
  most: 256,
  isAuto: true,
  weight: 1,
  memory: { bytes: megabytes(64), from: 'assumed' },
  ...fields,
});
const counts = ({ shares }: Allocated): readonly number[] => shares.map(({ workers }) => workers);
const why = (allocated: Allocated): readonly string[] =>
  explainAllocation(allocated, { app: 'shop', at: '', placements: [] }).groups.map(
    (group) => group.why,
  );

describe('on machines of different size', () => {
  const alone = [demand('api')];
  const even = [demand('api'), demand('jobs')];
  const heavy = [demand('api', { weight: 3 }), demand('jobs')];
  const mixed = [demand('api'), demand('db', { isAuto: false, least: 2 }), demand('jobs')];
  const bounded = [demand('api', { most: 2 }), demand('jobs', { least: 2 })];

  test.each([
    [1, [1], [1, 1], [1, 1], [1, 2, 1], [1, 2]],
    [2, [2], [1, 1], [1, 1], [1, 2, 1], [1, 2]],
    [4, [3], [2, 1], [2, 1], [1, 2, 1], [1, 2]],
    [8, [7], [4, 3], [5, 2], [3, 2, 2], [2, 5]],
    [16, [15], [8, 7], [11, 4], [7, 2, 6], [2, 13]],
    [24, [23], [12, 11], [17, 6], [11, 2, 10], [2, 21]],
    [64, [63], [32, 31], [47, 16], [31, 2, 30], [2, 61]],
  ])('%i cores', (cores, ...expected) => {
    const apps = [alone, even, heavy, mixed, bounded];
    expect(apps.map((demands) => counts(allocate(demands, { cores })))).toEqual(expected);
  });

  test.each([
    [0.5, 1],
    [1.5, 1],
    [3.9, 3],
    [4.2, 3],
    [5, 4],
  ])('a quota of %d cores makes %i workers of a lone auto service', (cores, workers) => {
    expect(counts(allocate(alone, { cores }))).toEqual([workers]);
  });
});

describe('every number is explained', () => {
  test('by the cores and the weights', () => {
    const allocated = allocate([demand('api', { weight: 3 }), demand('jobs')], { cores: 8 });
    expect(why(allocated)).toEqual([
      'auto: 5 of 7 cores, by its weight of 3 among 4',
      'auto: 2 of 7 cores, by its weight of 1 among 4',
    ]);
  });

  test('by the config, by the most, and by the lack of a free core', () => {
    const demands = [
      demand('db', { isAuto: false, least: 2 }),
      demand('api', { most: 1 }),
      demand('jobs'),
    ];
    expect(why(allocate(demands, { cores: 4 }))).toEqual([
      'the config starts it with 2 workers',
      'auto: 1 is the most it may have',
      'auto: no core is free for more than its least',
    ]);
  });

  test('by the memory, while one that is smaller goes on', () => {
    const memory = { bytes: megabytes(512), from: 'limit' } as const;
    const demands = [demand('api', { weight: 9, memory }), demand('jobs')];
    const allocated = allocate(demands, { cores: 8, memoryBytes: megabytes(1300) });
    expect(counts(allocated)).toEqual([2, 4]);
    expect(why(allocated)).toEqual([
      'auto: one more of 512 MB (limit) does not fit into the memory',
      'auto: one more of 64 MB (assumed) does not fit into the memory',
    ]);
  });
});

describe('a budget that cannot hold the least', () => {
  const texts = (allocated: Allocated): readonly string[] =>
    explainAllocation(allocated, { app: 'shop', at: '', placements: [] }).warnings.map(
      ({ text }) => text,
    );

  test('for want of cores says so, and gives everyone the least', () => {
    const demands = [demand('api', { least: 2 }), demand('db', { isAuto: false, least: 3 })];
    const allocated = allocate(demands, { cores: 1.5, coresBound: 'quota' });
    expect(counts(allocated)).toEqual([2, 3]);
    expect(texts(allocated)).toEqual([
      "5 workers at least for 1 core (the CPU quota binds); every 'auto' stays at its least",
    ]);
  });

  test('for want of memory says so, and gives everyone the least', () => {
    const memory = { bytes: megabytes(512), from: 'limit' } as const;
    const demands = [demand('api', { memory }), demand('db', { memory, isAuto: false, least: 2 })];
    const budget = { cores: 8, memoryBytes: megabytes(1024), memoryBound: 'cgroup' } as const;
    const allocated = allocate(demands, budget);
    expect(counts(allocated)).toEqual([1, 2]);
    expect(texts(allocated)).toEqual([
      "3 workers at least, which may take 1.5 GB of 1 GB (the control group binds); every 'auto' stays at its least",
    ]);
  });

  test('is no matter to many light services that ask for no share of the cores', () => {
    const demands = ['a', 'b', 'c'].map((group) => demand(group, { isAuto: false }));
    expect(allocate(demands, { cores: 1 }).short).toEqual([]);
  });
});

test('services of one group ask together', () => {
  const one = { name: 'users', workers: { min: 1, max: 8, initial: 'auto' }, weight: 2 } as const;
  const other = { name: 'orders', workers: { min: 2, max: 4, initial: 3 } } as const;
  expect(demandOf('main', [one, { ...other, memoryLimit: megabytes(256) }])).toEqual({
    group: 'main',
    services: ['users', 'orders'],
    least: 3,
    most: 4,
    isAuto: true,
    weight: 3,
    memory: { bytes: megabytes(256), from: 'limit' },
  });
  expect(demandOf('main', [one], megabytes(90)).memory.from).toBe('measured');
});

const demands = fc
  .array(
    fc.record({
      least: fc.integer({ min: 1, max: 6 }),
      extra: fc.integer({ min: 0, max: 60 }),
      isAuto: fc.boolean(),
      weight: fc.double({ min: 0.1, max: 100, noNaN: true }),
      memory: fc.integer({ min: 64, max: 2_048 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((groups) =>
    groups.map(({ least, extra, isAuto, weight, memory }, index) =>
      demand(`g${index}`, {
        least,
        most: least + extra,
        isAuto,
        weight,
        memory: { bytes: megabytes(memory), from: 'limit' },
      }),
    ),
  );
const cores = fc.double({ min: 0.1, max: 128, noNaN: true });
const budgets = fc.record({
  cores,
  memoryBytes: fc.integer({ min: 64, max: 262_144 }).map(megabytes),
});
const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);

describe('whatever is asked of whatever budget', () => {
  test('each group has from its least to its most, and only auto ones more than the least', () => {
    fc.assert(
      fc.property(demands, budgets, (asked, budget) =>
        allocate(asked, budget).shares.every(
          ({ demand: { least, most, isAuto }, workers }) =>
            workers >= least && workers <= (isAuto ? most : least),
        ),
      ),
    );
  });

  test('whoever has more than the least fits into the cores and into the memory', () => {
    fc.assert(
      fc.property(demands, budgets, (asked, budget) => {
        const { shares, workerCores } = allocate(asked, budget);
        const isLeast = shares.every(({ demand: { least }, workers }) => workers === least);
        const used = sum(shares.map(({ demand: { memory }, workers }) => memory.bytes * workers));
        const total = sum(shares.map(({ workers }) => workers));
        return isLeast || (total <= workerCores && used <= budget.memoryBytes);
      }),
    );
  });

  test('workers never take the core of supervisor and ingress, nor more than the quota', () => {
    fc.assert(
      fc.property(demands, budgets, (asked, budget) => {
        const { workerCores } = allocate(asked, budget);
        return budget.cores >= 4
          ? workerCores <= budget.cores - 1
          : workerCores <= Math.max(1, budget.cores);
      }),
    );
  });

  test('a core stays free only when nobody may or can take it', () => {
    fc.assert(
      fc.property(demands, budgets, (asked, budget) => {
        const { shares, workerCores } = allocate(asked, budget);
        const free = workerCores - sum(shares.map(({ workers }) => workers));
        return free <= 0 || shares.every(({ stop }) => stop !== 'cores');
      }),
    );
  });

  test('the same question has the same answer', () => {
    fc.assert(
      fc.property(demands, budgets, (asked, budget) => {
        expect(allocate(asked, budget)).toEqual(allocate(asked, budget));
      }),
    );
  });

  test('more cores take a worker from nobody', () => {
    fc.assert(
      fc.property(demands, cores, fc.double({ min: 1, max: 3, noNaN: true }), (asked, few, by) => {
        const before = counts(allocate(asked, { cores: few }));
        const after = counts(allocate(asked, { cores: few * by }));
        return after.every((workers, index) => workers >= (before[index] ?? 0));
      }),
    );
  });

  test('of two that differ only in weight the heavier has no fewer', () => {
    fc.assert(
      fc.property(demands, budgets, ([first = demand('g'), ...others], budget) => {
        const auto = { ...first, isAuto: true };
        const heavier = { ...auto, group: 'heavier', weight: auto.weight * 2 };
        const [light = 0, heavy = 0] = counts(allocate([auto, heavier, ...others], budget));
        return heavy >= light;
      }),
    );
  });

  const small = fc.double({ min: -0.099, max: 0.099, noNaN: true });
  test('a change of the budget or of the figures below a tenth changes nothing', () => {
    fc.assert(
      fc.property(demands, budgets, fc.tuple(small, small, small), (asked, budget, by) => {
        const before = allocate(asked, budget);
        const now = {
          cores: budget.cores * (1 + by[0]),
          memoryBytes: budget.memoryBytes * (1 + by[1]),
        };
        const measured = asked.map((each) => ({
          ...each,
          memory: { ...each.memory, bytes: each.memory.bytes * (1 + by[2]) },
        }));
        expect(counts(allocate(measured, now, before))).toEqual(counts(before));
      }),
    );
  });

  test('what was assumed is replaced by what is measured, also when that is nearly the same', () => {
    const assumed = allocate([demand('api')], { cores: 4 });
    const memory = { bytes: megabytes(61), from: 'measured' } as const;
    const [share] = allocate([demand('api', { memory })], { cores: 4 }, assumed).shares;
    expect(share?.demand.memory).toEqual(memory);
  });

  test('a greater change, or another wish, is answered as if nothing had been before', () => {
    fc.assert(
      fc.property(demands, budgets, (asked, budget) => {
        const before = allocate(asked, budget);
        const more = { ...budget, cores: budget.cores * 1.2 };
        const wish = [...asked, demand('new')];
        expect(allocate(asked, more, before)).toEqual(allocate(asked, more));
        expect(allocate(wish, budget, before)).toEqual(allocate(wish, budget));
      }),
    );
  });

  test('a reload of the config goes on with the budget there was, unless it differs enough', () => {
    const before = { cores: 10, memoryBytes: megabytes(1_000) };
    const near = { cores: 10.9, memoryBytes: megabytes(950) };
    const far = { cores: 10, memoryBytes: megabytes(900) };
    expect(steadyBudget(before, near)).toBe(before);
    expect(steadyBudget(before, far)).toBe(far);
    expect(steadyBudget(before, { cores: 10 })).toEqual({ cores: 10 });
  });

  test('small changes that add up are noticed', () => {
    const asked = [demand('api')];
    const first = allocate(asked, { cores: 10 });
    const second = allocate(asked, { cores: 10.9 }, first);
    const third = allocate(asked, { cores: 11.8 }, second);
    expect([first, second, third].map(counts)).toEqual([[9], [9], [10]]);
  });

  test('each number has its sentence', () => {
    fc.assert(
      fc.property(demands, budgets, (asked, budget) =>
        why(allocate(asked, budget)).every((sentence) => sentence.length > 10),
      ),
    );
  });
});
