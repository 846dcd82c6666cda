import type { Thresholds } from '../../protocol/thresholds.ts';
import { type Millis, ms, seconds } from '../../protocol/units.ts';
import type { Stretch } from '../memory/memory.ts';
import { stretchMs } from './stretch.ts';
import { mean } from './window.ts';

export type Leak = { readonly mbPerSecond: number; readonly untilFullMs: Millis };

/** A leak that fills the process later than this is nobody's concern now. */
export const leakWithinMs = seconds(30 * 60);
/** One that fills it sooner is critical, however much room there still is. */
export const leakUrgentMs = seconds(5 * 60);
/** Less growth is what any process does while it warms up. */
export const leakWorthMb = 20;
/** How long memory must have grown before it is called a leak. */
export const leakSeenMs = seconds(5 * 60);
/** If it is steep and soon at its line, so long is enough: */
export const steepSeenMs = seconds(100);
/**
 * it is to be there before it has grown for so many times as long again, or once as long when
 * nothing is known of the time before.
 */
export const steepWithin = 3;

/**
 * Memory must have grown in each part of a time. The least of a part counts, so that the
 * saw-tooth of a garbage collector does not, and a part must rise by some of what the mean one
 * does, so that what is allocated once does not either.
 */
const parts = 5;
const evenShare = 0.3;
/** Times of so many stretches a part: the longer ones see what grows in steps. */
const longParts = [6, 9, 12, 18, 24, 36];
const steepParts = [3, 2];
const stepParts = 12;

/**
 * Memory that has grown steadily over one of these times, and will be at its line before long. One
 * that was seen `before` may go on under a saw-tooth that hides it for a while.
 */
export const leakOf = (
  stretches: readonly Stretch[],
  { memory }: Pick<Thresholds, 'memory'>,
  before?: Leak,
): Leak | undefined => {
  if (!hasGrown(stretches)) return undefined;
  const over = (sizes: readonly number[]): Leak | undefined => {
    for (const size of sizes) {
      const leak = leakOver(size, stretches, memory.critical);
      if (leak !== undefined) return leak;
    }
    return undefined;
  };
  const still = before && goingOn(before, stretches, memory.critical);
  return over(longParts) ?? still ?? over(steepParts);
};

/** Of two minutes the least is above that of the two before by half of what was to be expected. */
const goingOn = (
  { mbPerSecond }: Leak,
  stretches: readonly Stretch[],
  criticalMb: number,
): Leak | undefined => {
  const last = stretches.at(-1);
  if (last === undefined || stretches.length < 2 * stepParts) return undefined;
  const [then, now] = [stretches.slice(-2 * stepParts, -stepParts), stretches.slice(-stepParts)];
  const perSecond = ((leastOf(now) - leastOf(then)) * 1_000) / (stepParts * stretchMs);
  if (perSecond < mbPerSecond / 2) return undefined;
  const leftMs = ms(Math.max(0, ((criticalMb - last.minMemoryMb) * 1_000) / perSecond));
  return leftMs < leakWithinMs ? { mbPerSecond: perSecond, untilFullMs: leftMs } : undefined;
};

const leakOver = (
  size: number,
  stretches: readonly Stretch[],
  criticalMb: number,
): Leak | undefined => {
  const from = stretches.length - size * parts;
  const [first, last] = [stretches[from], stretches.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const overMs = size * parts * stretchMs;
  // Part of that time was not seen.
  if (last.at - first.at > overMs) return undefined;
  const minima = minimaOf(stretches, from, size);
  const rises = risesOf(minima);
  if (!isSteady(rises) || !isRisingStill(stretches.slice(-size), rises)) return undefined;
  if (levelsOffWithin(criticalMb - (minima.at(-1) ?? 0), rises)) return undefined;
  const lately = (rises.at(-2) ?? 0) + (rises.at(-1) ?? 0);
  const mbPerSecond = (lately * 1_000) / (2 * size * stretchMs);
  const untilFullMs = ms(Math.max(0, ((criticalMb - last.minMemoryMb) * 1_000) / mbPerSecond));
  const isNear = untilFullMs < nearMs(overMs, from, stretches);
  return isNear ? { mbPerSecond, untilFullMs } : undefined;
};

/** The least of the last part is what was at its beginning; of a long one, that may be a step. */
const isRisingStill = (part: readonly Stretch[], rises: readonly number[]): boolean => {
  if (part.length >= stepParts) return true;
  const middle = Math.floor(part.length / 2);
  const rise = leastOf(part.slice(middle)) - leastOf(part.slice(0, middle));
  return rise >= (mean(rises) * evenShare) / 2;
};

/**
 * What was seen for a short time only must be soon at its line. As long as nothing was seen of the
 * time before, that might be how the process always begins; and if it was as large before, it is
 * how its collector works.
 */
const nearMs = (overMs: number, from: number, stretches: readonly Stretch[]): number => {
  if (overMs >= leakSeenMs) return leakWithinMs;
  const before = stretches.slice(Math.max(0, from - 2 * (stretches.length - from)), from);
  const now = stretches.at(-1)?.minMemoryMb ?? 0;
  if (before.some(({ minMemoryMb }) => minMemoryMb >= now)) return 0;
  return before.length < stretches.length - from ? overMs : overMs * steepWithin;
};

const minimaOf = (stretches: readonly Stretch[], from: number, size: number): readonly number[] =>
  Array.from({ length: parts }, (_, part) => {
    const start = from + part * size;
    return leastOf(stretches.slice(start, start + size));
  });

const leastOf = (stretches: readonly Stretch[]): number =>
  Math.min(...stretches.map(({ minMemoryMb }) => minMemoryMb));

const risesOf = (minima: readonly number[]): readonly number[] =>
  minima.slice(1).map((each, index) => each - (minima[index] ?? each));

const isSteady = (rises: readonly number[]): boolean => {
  const least = mean(rises) * evenShare;
  return mean(rises) * rises.length >= leakWorthMb && rises.every((each) => each >= least);
};

/** A cache that fills grows less and less: as a geometric series, it ends somewhere. */
const levelsOffWithin = (missingMb: number, rises: readonly number[]): boolean => {
  const [a = 0, b = 0, c = 0, d = 0] = rises;
  const share = (c + d) / (a + b);
  return share < 1 && ((c + d) * share) / (1 - share) < missingMb;
};

/** Looked at first: most services do not. */
const hasGrown = (stretches: readonly Stretch[]): boolean => {
  const now = stretches.at(-1)?.minMemoryMb ?? 0;
  const from = Math.max(0, stretches.length - (longParts.at(-1) ?? 0) * parts);
  for (let index = from; index < stretches.length; index += 1) {
    if (now - (stretches[index]?.minMemoryMb ?? now) >= leakWorthMb) return true;
  }
  return false;
};
