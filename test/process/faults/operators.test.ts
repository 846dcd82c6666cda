import { expect, test } from 'vitest';
import { seed } from '../../helpers/seed.ts';
import { operate } from './operators.ts';

test(`whatever operators order, and whenever their supervisor dies, nothing is lost (seed ${seed})`, {
  timeout: 120_000,
}, async () => {
  const { requests, failed, failures, done } = await operate(seed, 12);
  expect(requests).toBeGreaterThan(100);
  expect(failed, `${JSON.stringify(failures)}\n${done.join('\n')}`).toBe(0);
});
