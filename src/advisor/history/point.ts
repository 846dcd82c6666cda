import { type Instant, seconds } from '../../protocol/units.ts';
import type { Point } from '../memory/memory.ts';
import { graceMs } from '../settings.ts';
import type { ServiceView } from '../view.ts';
import { addSecond, noSums } from './sums.ts';
import { appended, startOf } from './window.ts';

const pointsKeptMs = seconds(70);

export const addPoint = (points: readonly Point[], point: Point): readonly Point[] =>
  appended(points, startOf(points, point.at - pointsKeptMs, 0), point);

export const toPoint = (at: Instant, view: ServiceView, last?: Point): Point => {
  let sum = 0;
  let busiest = 0;
  for (let index = 0; index < view.busyPerWorker.length; index += 1) {
    const busy = view.busyPerWorker[index] ?? 0;
    sum += busy;
    if (busy > busiest) busiest = busy;
  }
  const counted = {
    meanBusy: sum / Math.max(1, view.busyPerWorker.length),
    cores: sum / 100,
    arrivals: view.arrivalsPerSecond,
    arrived: arrivedIn(view, last),
    completions: view.completionsPerSecond,
    ...badIn(view),
  };
  const before = last?.through ?? noSums;
  return {
    at,
    busy: busiest,
    meanBusy: counted.meanBusy,
    cores: counted.cores,
    arrivals: counted.arrivals,
    arrived: counted.arrived,
    completions: counted.completions,
    slow: counted.slow,
    failed: counted.failed,
    heldLoopMs: view.split.cpuMs * view.completionsPerSecond,
    p99: view.latencyMs.p99,
    p99Now: view.lastSecond?.p99Ms,
    intrinsicP99: view.intrinsicP99Ms,
    pending: view.pending,
    errorPercent: view.errorRate * 100,
    errorPercentNow: percentOf(view.lastSecond?.errorRate),
    memoryMb: view.largestWorker?.memoryMb ?? view.memoryMbPerWorker,
    // What no request does is in no slice: a bare timer delays the loop all the same.
    maxSliceMs: Math.max(view.slices.maxMs, view.eventLoopDelayMs ?? 0),
    starvation: view.starvation,
    before,
    through: addSecond(before, counted),
  };
};

/** What a worker is slow with or fails at while it warms up says nothing about its service. */
const badIn = ({ lastSecond, youngestMs }: ServiceView): Pick<Point, 'slow' | 'failed'> => {
  if (lastSecond === undefined || youngestMs < graceMs) return { slow: 0, failed: 0 };
  const { slowRate = 0, completions, errorRate = 0 } = lastSecond;
  return { slow: completions * slowRate, failed: completions * errorRate };
};

const percentOf = (share: number | undefined): number | undefined =>
  share === undefined ? undefined : share * 100;

/** What was answered and what the queue grew by: a worker does not see what it has not taken up. */
const arrivedIn = (view: ServiceView, before: Point | undefined): number => {
  const { lastSecond, pending } = view;
  if (lastSecond === undefined) return view.arrivalsPerSecond;
  if (before === undefined) return lastSecond.arrivals;
  return Math.max(0, lastSecond.completions + pending - before.pending);
};
