import type { Point, Sums } from '../memory/memory.ts';
import { startOfLast } from './window.ts';

export const noSums: Sums = {
  arrived: 0,
  slow: 0,
  failed: 0,
  cores: 0,
  requests: 0,
  freeSeconds: 0,
  freeCores: 0,
  freeRequests: 0,
};

/** From here on what workers begin is not what they answer. */
export const saturatedBusy = 93;

type Second = Pick<
  Point,
  'arrived' | 'slow' | 'failed' | 'arrivals' | 'completions' | 'cores' | 'meanBusy'
>;

/** One second more. */
export const addSecond = (
  sums: Sums,
  { arrived, slow, failed, arrivals, completions, cores, meanBusy }: Second,
): Sums => {
  const requests = arrivals + completions;
  const isFree = meanBusy < saturatedBusy;
  return {
    arrived: sums.arrived + arrived,
    slow: sums.slow + slow,
    failed: sums.failed + failed,
    cores: sums.cores + cores,
    requests: sums.requests + requests,
    freeSeconds: sums.freeSeconds + (isFree ? 1 : 0),
    freeCores: sums.freeCores + (isFree ? cores : 0),
    freeRequests: sums.freeRequests + (isFree ? requests : 0),
  };
};

/** From one of the points up to another, and without it: from two of them, however many there are. */
export const summed = (
  points: readonly Point[],
  key: keyof Sums,
  { from, to = points.length }: { readonly from: number; readonly to?: number },
): number => {
  const [first, last] = [points[from], points[to - 1]];
  return first === undefined || last === undefined ? 0 : last.through[key] - first.before[key];
};

export const meanOfLast = (points: readonly Point[], key: keyof Sums, seconds: number): number => {
  const from = startOfLast(points, seconds);
  return from === points.length ? 0 : summed(points, key, { from }) / (points.length - from);
};
