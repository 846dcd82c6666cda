import { expect, test } from 'vitest';
import { partToShed } from '../../src/sdk/edge/census.ts';

test.for([
  ['alone', 64, [], 0],
  ['with as many as the others', 32, [32], 0],
  ['with a little more than the others', 35, [29], 0],
  ['with a few connections', 7, [0], 0],
  ['with fewer than the others', 10, [54], 0],
  ['with more than the others by far', 40, [24], 0.2],
  ['with nearly all, no more than a quarter at a time', 64, [0], 0.25],
  ['of three, down to the mean of all', 48, [36, 30], (48 - 38) / 48],
] as const)('a worker %s asks for its part to come again', ([, own, others, part]) => {
  expect(partToShed(own, others)).toBe(part);
});
