import { heading, percentage, quantile, target } from './print.ts';
import { type Prediction, predictions } from './shapes.ts';

const relative = (expected: number, actual: number): number =>
  Math.abs(expected - actual) / Math.max(actual, 1e-9);

export const printAccuracy = (seed: number): void => {
  const all = predictions(seed);
  heading(`Predictions (T7, T8): ${all.length} changes of random services`);
  const busy = all.map(({ busy: { expected, actual } }) => relative(expected, actual));
  const busyP90 = quantile(busy, 0.9);
  target(`utilisation, 90 % within ${percentage(busyP90, 1)}`, '≤ 3 %', busyP90 <= 0.03);
  const known = all.flatMap(({ p99 }) => (p99 === undefined ? [] : [p99]));
  const errors = known.map(({ expected, actual }) => relative(expected, actual));
  const [middle, tail] = [quantile(errors, 0.5), quantile(errors, 0.9)];
  target(`P99, half within ${percentage(middle, 1)}`, '≤ 6 %', middle <= 0.06);
  target(`P99, 90 % within ${percentage(tail, 1)}`, '≤ 20 %', tail <= 0.2);
  const inside = known.filter(({ low, high, actual }) => low <= actual && actual <= high).length;
  const coverage = inside / known.length;
  target(
    `the 80 % range holds ${percentage(coverage, 1)}`,
    '77–83 %',
    Math.abs(coverage - 0.8) <= 0.03,
  );
  const unsafe = known.filter(isUnsafe).length / known.length;
  target(`approved, but over its line after: ${percentage(unsafe, 1)}`, '≤ 2 %', unsafe <= 0.02);
};

/** Said to stay below 250 ms, and did not. */
const isUnsafe = ({ expected, actual }: NonNullable<Prediction['p99']>): boolean =>
  expected <= 250 && actual > 250;
