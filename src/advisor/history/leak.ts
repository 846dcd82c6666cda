import type { Thresholds } from '../../protocol/thresholds.ts';
import { type Millis, ms, seconds } from '../../protocol/units.ts';
import type { Stretch } from '../memory/memory.ts';
import { type Sighting, trendOf } from '../model/trend.ts';
import { stretchMs } from './stretch.ts';

export type Leak = { readonly mbPerSecond: number; readonly untilFullMs: Millis };

/** A leak that fills the process later than this is nobody's concern now. */
export const leakWithinMs = seconds(30 * 60);
/** Less growth is what any process does while it warms up. */
export const leakWorthMb = 20;
/** Minima of half a minute, so that the garbage collector's saw-tooth does not count. */
const stretchesPerMinimum = 3;
const enoughMinima = 10;
const minimaSeen = 20;
/** How long memory must have grown before it is called a leak. */
export const leakSeenMs = ms(enoughMinima * stretchesPerMinimum * stretchMs);

/** A process whose memory has grown steadily for five minutes, and still does. */
export const leakOf = (
  stretches: readonly Stretch[],
  { memory }: Pick<Thresholds, 'memory'>,
): Leak | undefined => {
  if (!hasGrown(stretches)) return undefined;
  const minima = minimaOf(stretches);
  const first = minima.at(0)?.value ?? 0;
  const last = minima.at(-1)?.value ?? 0;
  if (minima.length < enoughMinima || last - first < leakWorthMb) return undefined;
  const latest = trendOf(minima.slice(-Math.ceil(minima.length / 2)));
  if (!trendOf(minima).rises || !latest.rises) return undefined;
  const untilFullMs = Math.max(0, ((memory.critical - last) / latest.perSecond) * 1_000);
  return untilFullMs < leakWithinMs ? { mbPerSecond: latest.perSecond, untilFullMs } : undefined;
};

/** Looked at first: most services do not. */
const hasGrown = (stretches: readonly Stretch[]): boolean => {
  const now = stretches.at(-1)?.minMemoryMb ?? 0;
  const from = Math.max(0, stretches.length - minimaSeen * stretchesPerMinimum);
  for (let index = from; index < stretches.length; index += 1) {
    if (now - (stretches[index]?.minMemoryMb ?? now) >= leakWorthMb) return true;
  }
  return false;
};

const minimaOf = (stretches: readonly Stretch[]): readonly Sighting[] => {
  const recent = stretches.slice(-minimaSeen * stretchesPerMinimum);
  const minima: Sighting[] = [];
  for (let end = recent.length; end >= stretchesPerMinimum; end -= stretchesPerMinimum) {
    const group = recent.slice(end - stretchesPerMinimum, end);
    minima.unshift({
      at: group[0]?.at ?? 0,
      value: Math.min(...group.map(({ minMemoryMb }) => minMemoryMb)),
    });
  }
  return minima;
};
