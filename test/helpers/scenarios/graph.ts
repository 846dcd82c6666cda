import type { SimulatedService } from '../../../src/simulator/engine/app.ts';
import type { Random } from '../../../src/simulator/random.ts';
import { failing } from './failing.ts';
import { asked, call, cpu, io, loaded, once, type Scenario } from './scenario.ts';

const fronts = 4;
const total = 40;
const culprit = 'culprit';

type Trees = {
  readonly services: readonly SimulatedService[];
  readonly found: SimulatedService;
  /** Requests of clients that come to the culprit. */
  readonly askedPerSecond: number;
  /** Whose requests come to it. */
  readonly above: readonly string[];
};

/**
 * Four services that clients ask, and below each a tree of others, so that a request goes through
 * ten of them. One, at least two calls away from any client, is the culprit to be; it is asked by
 * the service above it and by the first one of another tree.
 */
const treesOf = (random: Random): Trees => {
  const parents = Array.from({ length: total }, (_, index) =>
    index < fronts ? undefined : parentOf(index, random),
  );
  const deep = parents.flatMap((parent, index) => ((parent ?? 0) >= fronts ? [index] : []));
  const chosen = deep[random.index(deep.length)] ?? total - 1;
  const other = (chosen + 1 + random.index(fronts - 1)) % fronts;
  const nameOf = (index: number): string => (index === chosen ? culprit : `s${index}`);
  const services = parents.map((_, index) => {
    const below = parents.flatMap((parent, child) => (parent === index ? [child] : []));
    if (index === other) below.push(chosen);
    const own = [cpu(random.between(0.5, 1.5)), io(random.between(2, 6))];
    const steps = [...own, ...below.map((child) => call(nameOf(child)))];
    const requestsPerSecond = random.between(20, 50);
    return index < fronts
      ? loaded(nameOf(index), random, { steps, requestsPerSecond })
      : asked(nameOf(index), steps);
  });
  const found = services[chosen];
  if (found === undefined) throw new Error('The culprit is one of them');
  const rate = (index: number): number => services[index]?.requestsPerSecond ?? 0;
  const above = [...pathTo(chosen, parents), other].map(nameOf);
  return { services, found, askedPerSecond: rate(chosen % fronts) + rate(other), above };
};

const pathTo = (index: number, parents: readonly (number | undefined)[]): readonly number[] => {
  const parent = parents[index];
  return parent === undefined ? [] : [parent, ...pathTo(parent, parents)];
};

/** In the same tree, and no deeper than the fourth level. */
const parentOf = (index: number, random: Random): number => {
  const tree = index % fronts;
  const above = Math.floor(index / fronts);
  return tree + fronts * random.index(Math.min(above, 6));
};

export const graphScenarios: readonly Scenario[] = [
  {
    name: 'one of forty services waits long for its database',
    right: [`investigate ${culprit}`],
    setUp: (random) => {
      const { services, found } = treesOf(random);
      const wait = random.between(300, 900);
      return {
        services,
        trouble: once(() => {
          found.steps = [cpu(1), io(wait), ...found.steps];
        }),
      };
    },
  },
  {
    name: 'one of forty services takes far more CPU than before',
    right: [`scale_up ${culprit}`],
    setUp: (random) => {
      const { services, found, askedPerSecond } = treesOf(random);
      const busy = random.between(0.93, 1.05);
      return {
        services,
        trouble: once(() => {
          found.steps = [cpu((busy * 1_000) / askedPerSecond)];
        }),
      };
    },
  },
  {
    name: 'one of forty services fails, and all that call it',
    right: [`investigate ${culprit}`],
    setUp: (random) => {
      const { services, above } = treesOf(random);
      const share = random.between(0.1, 1);
      const failed = [culprit, ...above].map((name) => [name, share]);
      return { services, seen: failing(Object.fromEntries(failed)) };
    },
  },
];
