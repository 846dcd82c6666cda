import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram } from '../../src/protocol/histogram.ts';
import { seed } from '../helpers/seed.ts';

const latency = fc.double({ min: 0.05, max: 60_000, noNaN: true });
const latencies = fc.array(latency, { minLength: 1, maxLength: 400 });
const quantile = fc.double({ min: 0.01, max: 1, noNaN: true });

const filled = (values: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const value of values) histogram.recordMs(value);
  return histogram;
};
const exact = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(q * values.length) - 1] ?? 0;

test(`a quantile is at most 6.25 % off (seed ${seed})`, () => {
  fc.assert(
    fc.property(latencies, quantile, (values, q) => {
      const real = exact(values, q);
      const said = filled(values).quantileMs(q);
      expect(Math.abs(said - real) / real).toBeLessThanOrEqual(0.0625);
    }),
    { seed },
  );
});

test(`workers merged are one worker that did it all (seed ${seed})`, () => {
  fc.assert(
    fc.property(latencies, latencies, quantile, (some, others, q) => {
      const merged = new Histogram();
      for (const one of [filled(some), filled(others)]) merged.add(one.toSparse(), one.maxMs);
      const all = filled([...some, ...others]);
      expect(merged.toSparse()).toEqual(all.toSparse());
      expect(merged.count).toBe(some.length + others.length);
      expect(merged.maxMs).toBe(all.maxMs);
      expect(merged.quantileMs(q)).toBe(all.quantileMs(q));
    }),
    { seed },
  );
});

test('an empty one has no latency, and one that was reset is empty', () => {
  const histogram = filled([3, 4]);
  histogram.reset();
  expect(histogram.quantileMs(0.99)).toBe(0);
  expect(histogram.toSparse()).toEqual([]);
});

test('a bucket that no version has is left out', () => {
  const histogram = new Histogram();
  histogram.add([
    [-1, 5],
    [4_000, 5],
    [10, 1],
  ]);
  expect(histogram.count).toBe(1);
});
