import type { Instant } from '../../protocol/units.ts';
import type { Point } from '../memory/memory.ts';

/** A process that waits for a core for such a part of the time is short of one. */
export const starved = 0.1;

/** Over the last few seconds, as a view spans them. */
export const starvationOf = (points: readonly Point[]): number =>
  meanOver(points, 5, ({ starvation }) => starvation);

/**
 * One copy, and no other, as this is done for every service, every second: it begins one place
 * early and moves up, since an array that grows by one is copied again.
 */
export const appended = <T>(series: readonly T[], from: number, one: T): readonly T[] => {
  if (from === 0) return [...series, one];
  const kept = series.slice(from - 1);
  for (let index = 1; index < kept.length; index += 1) {
    const each = kept[index];
    if (each !== undefined) kept[index - 1] = each;
  }
  kept[kept.length - 1] = one;
  return kept;
};

/** The part of a series, oldest first, that is not older than `from`. */
export const since = <T extends { readonly at: Instant }>(
  series: readonly T[],
  from: Instant,
): readonly T[] => series.slice(startOf(series, from, series.length));

/** Where that part begins. From where it should be: mostly, nothing is missing. */
export const startOf = (
  series: readonly { readonly at: Instant }[],
  from: number,
  expected: number,
): number => {
  let start = Math.max(0, expected);
  while (start > 0 && (series[start - 1]?.at ?? from) >= from) start -= 1;
  while (start < series.length && (series[start]?.at ?? from) < from) start += 1;
  return start;
};

export const startOfLast = (points: readonly Point[], seconds: number): number =>
  startOf(
    points,
    (points[points.length - 1]?.at ?? 0) - seconds * 1_000 + 500,
    points.length - seconds,
  );

export const lastSeconds = (points: readonly Point[], count: number): readonly Point[] =>
  points.slice(startOfLast(points, count));

/** Over the last so many seconds, without a copy of them. */
export const sumOver = (
  points: readonly Point[],
  seconds: number,
  pick: (point: Point) => number,
): number => sumFrom(points, startOfLast(points, seconds), pick);

const sumFrom = (
  points: readonly Point[],
  start: number,
  pick: (point: Point) => number,
): number => {
  let sum = 0;
  for (let index = start; index < points.length; index += 1) {
    const point = points[index];
    if (point !== undefined) sum += pick(point);
  }
  return sum;
};

export const meanOver = (
  points: readonly Point[],
  seconds: number,
  pick: (point: Point) => number,
): number => {
  const start = startOfLast(points, seconds);
  return start === points.length ? 0 : sumFrom(points, start, pick) / (points.length - start);
};

export const mean = (values: readonly number[]): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
};

/** Of a few values: each is put where it belongs, which a general sort makes much more of. */
export const median = (values: readonly number[]): number => {
  const sorted: number[] = [];
  for (let index = 0; index < values.length; index += 1) insert(sorted, values[index]);
  return middleOf(sorted) ?? 0;
};

/** Of the last so many seconds; undefined when there is nothing to pick. */
export const medianOver = (
  points: readonly Point[],
  seconds: number,
  pick: (point: Point) => number | undefined,
): number | undefined => {
  const sorted: number[] = [];
  for (let index = startOfLast(points, seconds); index < points.length; index += 1) {
    const point = points[index];
    if (point !== undefined) insert(sorted, pick(point));
  }
  return middleOf(sorted);
};

const insert = (sorted: number[], value: number | undefined): void => {
  if (value === undefined) return;
  let place = sorted.length;
  while (place > 0 && (sorted[place - 1] ?? value) > value) {
    sorted[place] = sorted[place - 1] ?? value;
    place -= 1;
  }
  sorted[place] = value;
};

const middleOf = (sorted: readonly number[]): number | undefined =>
  sorted[Math.floor(sorted.length / 2)];
