import { type Instant, instant, type Millis, seconds } from '../../protocol/units.ts';
import type { Point, Stretch } from '../memory.ts';
import type { ServiceView } from '../view.ts';

const pointsKeptMs = seconds(70);
const stretchesKeptMs = seconds(35 * 60);
export const stretchMs = seconds(10);

export const toPoint = (at: Instant, view: ServiceView): Point => {
  const sum = view.busyPerWorker.reduce<number>((total, busy) => total + busy, 0);
  return {
    at,
    busy: Math.max(0, ...view.busyPerWorker),
    meanBusy: sum / Math.max(1, view.busyPerWorker.length),
    cores: sum / 100,
    arrivals: view.arrivalsPerSecond,
    completions: view.completionsPerSecond,
    heldLoopMs: view.split.cpuMs * view.completionsPerSecond,
    p99: view.latencyMs.p99,
    ...(view.intrinsicP99Ms !== undefined && { intrinsicP99: view.intrinsicP99Ms }),
    pending: view.pending,
    memoryMb: view.memoryMbPerWorker,
    maxSliceMs: view.slices.maxMs,
    starvation: view.starvation,
  };
};

/** A process that waits for a core for such a part of the time is short of one. */
export const starved = 0.1;

/** Over the last few seconds, as a view spans them. */
export const starvationOf = (points: readonly Point[]): number =>
  mean(lastSeconds(points, 5).map(({ starvation }) => starvation));

/** A view still shows a slice when its process has long had its core again. */
const hasHadCore = (points: readonly Point[]): boolean =>
  lastSeconds(points, 10).every(({ starvation }) => starvation < starved);

export const addPoint = (points: readonly Point[], point: Point): readonly Point[] => [
  ...since(points, instant(point.at - pointsKeptMs)),
  point,
];

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
  if (last?.at === at) return [...stretches.slice(0, -1), joined(last, one)];
  const kept = Math.max(stretchesKeptMs, keptMs * 1.2);
  return [...since(stretches, instant(at - kept)), one];
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
): readonly T[] => series.slice(series.findLastIndex((one) => one.at < from) + 1);

export const lastSeconds = (points: readonly Point[], count: number): readonly Point[] => {
  const newest = points.at(-1);
  return newest === undefined ? [] : since(points, instant(newest.at - count * 1_000 + 500));
};

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
