import { type Instant, instant, type Millis, seconds } from '../../protocol/units.ts';
import type { Point, Stretch } from '../memory.ts';
import type { ServiceView } from '../view.ts';

const pointsKeptMs = seconds(70);
const stretchesKeptMs = seconds(35 * 60);
export const stretchMs = seconds(10);

export const toPoint = (at: Instant, view: ServiceView, before?: Point): Point => {
  let sum = 0;
  for (const busy of view.busyPerWorker) sum += busy;
  return {
    at,
    busy: Math.max(0, ...view.busyPerWorker),
    meanBusy: sum / Math.max(1, view.busyPerWorker.length),
    cores: sum / 100,
    arrivals: view.arrivalsPerSecond,
    arrived: arrivedIn(view, before),
    completions: view.completionsPerSecond,
    heldLoopMs: view.split.cpuMs * view.completionsPerSecond,
    p99: view.latencyMs.p99,
    intrinsicP99: view.intrinsicP99Ms,
    pending: view.pending,
    memoryMb: view.memoryMbPerWorker,
    maxSliceMs: view.slices.maxMs,
    starvation: view.starvation,
  };
};

/** What was answered and what the queue grew by: a worker does not see what it has not taken up. */
const arrivedIn = (view: ServiceView, before: Point | undefined): number => {
  const { lastSecond, pending } = view;
  if (lastSecond === undefined) return view.arrivalsPerSecond;
  if (before === undefined) return lastSecond.arrivals;
  return Math.max(0, lastSecond.completions + pending - before.pending);
};

/** A process that waits for a core for such a part of the time is short of one. */
export const starved = 0.1;

/** Over the last few seconds, as a view spans them. */
export const starvationOf = (points: readonly Point[]): number =>
  meanOver(points, 5, ({ starvation }) => starvation);

/** A view still shows a slice when its process has long had its core again. */
const hasHadCore = (points: readonly Point[]): boolean =>
  maxOver(points, 10, ({ starvation }) => starvation) < starved;

export const addPoint = (points: readonly Point[], point: Point): readonly Point[] =>
  appended(points, startOf(points, point.at - pointsKeptMs, 0), point);

/**
 * One copy, and no other, as this is done for every service, every second: it begins one place
 * early and moves up, since an array that grows by one is copied again.
 */
const appended = <T>(series: readonly T[], from: number, one: T): readonly T[] => {
  if (from === 0) return [...series, one];
  const kept = series.slice(from - 1);
  for (let index = 1; index < kept.length; index += 1) {
    const each = kept[index];
    if (each !== undefined) kept[index - 1] = each;
  }
  kept[kept.length - 1] = one;
  return kept;
};

/** Adds the last second to the last ten-second stretch, or begins a new one. */
export const addToStretches = (
  stretches: readonly Stretch[],
  points: readonly Point[],
  keptMs: Millis,
): readonly Stretch[] => {
  const point = points.at(-1);
  if (point === undefined) return stretches;
  const at = instant(Math.floor(point.at / stretchMs) * stretchMs);
  const last = stretches.at(-1);
  const one = toStretch(at, point, hasHadCore(points));
  if (last?.at === at) return stretches.with(-1, joined(last, one));
  const kept = Math.max(stretchesKeptMs, keptMs * 1.2);
  return appended(stretches, startOf(stretches, at - kept, 0), one);
};

const toStretch = (at: Instant, point: Point, hadCore: boolean): Stretch => ({
  at,
  seconds: 1,
  meanBusy: point.meanBusy,
  meanArrivals: point.arrivals,
  peakCores: point.cores,
  minMemoryMb: point.memoryMb,
  maxSliceMs: hadCore ? point.maxSliceMs : 0,
});

const joined = (a: Stretch, b: Stretch): Stretch => {
  const total = a.seconds + b.seconds;
  return {
    at: a.at,
    seconds: total,
    meanBusy: (a.meanBusy * a.seconds + b.meanBusy * b.seconds) / total,
    meanArrivals: (a.meanArrivals * a.seconds + b.meanArrivals * b.seconds) / total,
    peakCores: Math.max(a.peakCores, b.peakCores),
    minMemoryMb: Math.min(a.minMemoryMb, b.minMemoryMb),
    maxSliceMs: Math.max(a.maxSliceMs, b.maxSliceMs),
  };
};

/** The part of a series, oldest first, that is not older than `from`. */
export const since = <T extends { readonly at: Instant }>(
  series: readonly T[],
  from: Instant,
): readonly T[] => series.slice(startOf(series, from, series.length));

/** Where that part begins. From where it should be: mostly, nothing is missing. */
const startOf = (
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

const maxOver = (
  points: readonly Point[],
  seconds: number,
  pick: (point: Point) => number,
): number => {
  let highest = 0;
  for (let index = startOfLast(points, seconds); index < points.length; index += 1) {
    const point = points[index];
    if (point !== undefined) highest = Math.max(highest, pick(point));
  }
  return highest;
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

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
