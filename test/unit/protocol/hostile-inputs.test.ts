import { expect, test } from 'vitest';
import { tryInputs } from '../../helpers/hostile-inputs.ts';
import { seed } from '../../helpers/seed.ts';

test('half a million spoiled frames and lines are taken or refused, and set no prototype [E2] [E3]', () => {
  const before = Reflect.ownKeys(Object.prototype).map(String);
  const { taken, refused, failures } = tryInputs(500_000, seed);
  expect(failures, `FORGE_TEST_SEED=${seed} repeats it`).toEqual([]);
  expect(Math.min(taken, refused)).toBeGreaterThan(50_000);
  expect(Reflect.ownKeys(Object.prototype).map(String)).toEqual(before);
  expect({}).not.toHaveProperty('polluted');
}, 60_000);
