import { type Millis, seconds } from '../../protocol/units.ts';
import { lastSeconds, sumOver } from '../history/window.ts';
import type { Point } from '../memory/memory.ts';
import type { ServiceView } from '../view.ts';

/** Fewer in ten seconds are no outage: of few answers a single error is a large part. */
export const enoughErrors = 3;
/** While each second alone had too many of them: so long is enough. */
export const failingMs = seconds(5);

export const failedPerSecond = ({ errorRate, completionsPerSecond }: ServiceView): number =>
  errorRate * completionsPerSecond;

export const areEnough = (points: readonly Point[]): boolean =>
  sumOver(points, 10, ({ completions, errorPercent }) => (completions * errorPercent) / 100) >=
  enoughErrors;

/** A view shows a bad moment for as long as it spans, so that errors in it must hold for longer. */
export const failingHoldMs = (
  points: readonly Point[],
  warning: number,
  otherwise: Millis,
): Millis => {
  const isEach = lastSeconds(points, failingMs / 1_000).every(
    ({ errorPercentNow = 0 }) => errorPercentNow >= warning,
  );
  return isEach ? failingMs : otherwise;
};
