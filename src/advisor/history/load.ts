import type { Point } from '../memory.ts';
import { lastSeconds, mean } from './window.ts';

/**
 * Arrivals per second now: the last ten seconds, or the last two when they are higher than
 * chance explains.
 */
export const arrivalRate = (points: readonly Point[]): number => {
  const steady = mean(lastSeconds(points, 10).map((point) => point.arrivals));
  const latest = mean(lastSeconds(points, 2).map((point) => point.arrivals));
  return Math.max(steady, latest - 2 * Math.sqrt(latest / 2));
};

/** Time on the loop that one request needs, over the last ten seconds. */
export const demandMs = (points: readonly Point[]): number => {
  const window = lastSeconds(points, 10);
  const completions = window.reduce((sum, point) => sum + point.completions, 0);
  const held = window.reduce((sum, point) => sum + point.heldLoopMs, 0);
  return completions > 0 ? held / completions : 0;
};

/** Cores that the arriving requests need; it does not change when workers are added. */
export const neededCores = (points: readonly Point[]): number =>
  (arrivalRate(points) * demandMs(points)) / 1_000;
