import { type Instant, instant, type Millis, seconds } from '../../protocol/units.ts';
import type { Point, ServiceMemory, Stretch } from '../memory/memory.ts';
import { appended, startOf, startOfLast, starved } from './window.ts';

const stretchesKeptMs = seconds(35 * 60);
export const stretchMs = seconds(10);

/** The whole stretches, oldest first, and the one that is not over. */
export type Stretches = Pick<ServiceMemory, 'stretches' | 'stretch'>;

export const stretchesOf = ({ stretches, stretch }: Stretches): readonly Stretch[] =>
  stretch === undefined ? stretches : [...stretches, stretch];

/** Adds the last second to the stretch that is not over, or ends that and begins another. */
export const addToStretches = (
  { stretches, stretch }: Stretches,
  points: readonly Point[],
  keptMs: Millis,
): Stretches => {
  const point = points[points.length - 1];
  if (point === undefined) return { stretches, ...(stretch && { stretch }) };
  const at = instant(Math.floor(point.at / stretchMs) * stretchMs);
  const one = toStretch(at, point, hasHadCore(points));
  if (stretch === undefined) return { stretches, stretch: one };
  if (stretch.at === at) return { stretches, stretch: joined(stretch, one) };
  const from = startOf(stretches, at - Math.max(stretchesKeptMs, keptMs * 1.2), 0);
  return { stretches: appended(stretches, from, stretch), stretch: one };
};

/** A view still shows a slice when its process has long had its core again. */
const hasHadCore = (points: readonly Point[]): boolean => {
  for (let index = startOfLast(points, 10); index < points.length; index += 1) {
    if ((points[index]?.starvation ?? 0) >= starved) return false;
  }
  return true;
};

const toStretch = (at: Instant, point: Point, hadCore: boolean): Stretch => ({
  at,
  seconds: 1,
  meanBusy: point.meanBusy,
  meanArrivals: point.arrivals,
  peakCores: point.cores,
  minMemoryMb: point.memoryMb,
  maxSliceMs: hadCore ? point.maxSliceMs : 0,
  ...badOf(point.slow, point.failed),
});

/** Left out while there are none: stretches are kept for long, and saved. */
const badOf = (slow: number, failed: number): Pick<Stretch, 'slow' | 'failed'> => ({
  ...(slow > 0 && { slow }),
  ...(failed > 0 && { failed }),
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
    ...badOf((a.slow ?? 0) + (b.slow ?? 0), (a.failed ?? 0) + (b.failed ?? 0)),
  };
};
