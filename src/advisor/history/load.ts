import type { Point } from '../memory/memory.ts';
import { trendOf } from '../model/trend.ts';
import { meanOver, startOfLast, sumOver } from './window.ts';

/**
 * Arrivals per second now: the last ten seconds, or the last two when they are higher than
 * chance explains, or what was answered and what the queue grew by: a saturated worker does not
 * see the requests that it has not taken up.
 */
export const arrivalRate = (points: readonly Point[]): number => {
  const steady = meanOver(points, 10, ({ arrivals }) => arrivals);
  const latest = meanOver(points, 2, ({ arrivals }) => arrivals);
  const answered = meanOver(points, 10, ({ completions }) => completions);
  return Math.max(steady, latest - 2 * Math.sqrt(latest / 2), answered + queueGrowth(points));
};

const queueGrowth = (points: readonly Point[]): number => {
  const from = startOfLast(points, 10);
  if ((points.at(-1)?.pending ?? 0) <= (points[from]?.pending ?? 0)) return 0;
  const recent = points.slice(from);
  const trend = trendOf(recent.map(({ at, pending }) => ({ at, value: pending })));
  return trend.rises ? trend.perSecond : 0;
};

/** Time on the loop that one request needs, over the last ten seconds. */
export const demandMs = (points: readonly Point[]): number => {
  const completions = sumOver(points, 10, (point) => point.completions);
  const held = sumOver(points, 10, ({ heldLoopMs }) => heldLoopMs);
  return completions > 0 ? held / completions : 0;
};

/** Cores that the arriving requests need; it does not change when workers are added. */
export const neededCores = (points: readonly Point[]): number =>
  (arrivalRate(points) * demandMs(points)) / 1_000;
