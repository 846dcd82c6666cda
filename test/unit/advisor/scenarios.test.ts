import { expect, test } from 'vitest';
import { scenarios } from '../../helpers/scenarios/all.ts';
import { playScenario } from '../../helpers/scenarios/scenario.ts';

/** More variants of each are played by `npm run bench:advisor`. */
const seeds = [1, 2];

test('there are more than forty classes of trouble, and of what only looks like it', () => {
  const names = scenarios.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(40);
  expect(scenarios.filter(({ right }) => right.length === 0).length).toBeGreaterThan(10);
});

test.each(scenarios)('$name', (scenario) => {
  const judged = seeds.map((seed) => playScenario(scenario, seed));
  expect(judged.filter(({ verdict }) => verdict !== 'right')).toEqual([]);
});
