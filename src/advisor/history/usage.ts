import type { Instant, Millis } from '../../protocol/units.ts';
import { type Stretches, stretchesOf, stretchMs } from './stretch.ts';
import { mean, since } from './window.ts';

/** How a service was used over a whole period. */
export type Usage = {
  /** Of its busiest ten seconds, 0–100 per worker. */
  readonly busy: number;
  /** Cores in its busiest second. */
  readonly peakCores: number;
  readonly arrivalsPerSecond: number;
  readonly maxSliceMs: number;
};

/** A restart of the supervisor may leave a gap in a period; more than this missing is too much. */
const seenShare = 0.8;

/** Undefined while the period has not been seen whole: its silence is no proof of idleness. */
export const usageOver = (seen: Stretches, periodMs: Millis, at: Instant): Usage | undefined => {
  const from = at - periodMs;
  const oldest = seen.stretches[0];
  if (oldest === undefined || oldest.at > from) return undefined;
  const period = since(stretchesOf(seen), from - stretchMs);
  const seenMs = period.reduce((sum, { seconds }) => sum + seconds * 1_000, 0);
  if (seenMs < periodMs * seenShare) return undefined;
  return {
    busy: Math.max(...period.map(({ meanBusy }) => meanBusy)),
    peakCores: Math.max(...period.map(({ peakCores }) => peakCores)),
    arrivalsPerSecond: mean(period.map(({ meanArrivals }) => meanArrivals)),
    maxSliceMs: Math.max(...period.map(({ maxSliceMs }) => maxSliceMs)),
  };
};
