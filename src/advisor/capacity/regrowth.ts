import { type Instant, seconds } from '../../protocol/units.ts';
import { stretchMs } from '../history/stretch.ts';
import { mean } from '../history/window.ts';
import type { Stretch } from '../memory/memory.ts';
import { reversalMs } from './reversals.ts';

/** Only a load that has fallen below this share of its peak may go on to be low. */
export const fallenShare = 0.7;
const within = reversalMs / stretchMs;

/**
 * Requests a second that may come before workers could be taken back without a turn: as many more
 * as came within such a time before, but no more than ever came. Infinite while nothing is known, or
 * the load has not fallen.
 */
export const mayComeBack = (stretches: readonly Stretch[], now: number): number => {
  if (stretches.length < within) return Number.POSITIVE_INFINITY;
  let peak = 0;
  for (const { meanArrivals } of stretches) peak = Math.max(peak, meanArrivals);
  if (now > peak * fallenShare) return Number.POSITIVE_INFINITY;
  return Math.max(now, Math.min(now + mostGrowth(stretches), peak));
};

/** From the lowest of the last ten minutes up to each stretch. */
const mostGrowth = (stretches: readonly Stretch[]): number => {
  const rate = (index: number): number => stretches[index]?.meanArrivals ?? 0;
  let growth = 0;
  let lowest = 0;
  for (let index = 0; index < stretches.length; index += 1) {
    if (lowest < index - within) {
      lowest = index - within;
      for (let other = lowest; other < index; other += 1) {
        if (rate(other) < rate(lowest)) lowest = other;
      }
    }
    if (rate(index) <= rate(lowest)) lowest = index;
    growth = Math.max(growth, rate(index) - rate(lowest));
  }
  return growth;
};

/** In standard deviations of what came. */
const doubt = 2;
const growing = { stretches: 12, since: 18 };

/** More came in the last two minutes than in the three before, by more than chance. */
export const isGrowing = (stretches: readonly Stretch[]): boolean => {
  if (stretches.length < growing.stretches + growing.since) return false;
  const now = meanOf(stretches.slice(-growing.stretches));
  const before = meanOf(stretches.slice(-growing.stretches - growing.since, -growing.stretches));
  return now > before + Math.sqrt((now * 1_000) / (growing.stretches * stretchMs)) * doubt;
};

const minuteMs = seconds(60);

/** By so much more requests come in a minute than came in the one before that time, and not by chance. */
export const hasGrownSince = (
  stretches: readonly Stretch[],
  since: Instant,
  { share, now }: { readonly share: number; readonly now: number },
): boolean => {
  const then = stretches.filter(({ at }) => at <= since && since - at < minuteMs);
  if (then.length === 0) return false;
  const before = meanOf(then) * share;
  return now > before + Math.sqrt((before * 1_000) / minuteMs) * doubt;
};

const meanOf = (stretches: readonly Stretch[]): number =>
  mean(stretches.map(({ meanArrivals }) => meanArrivals));
