import { type Instant, seconds } from '../../protocol/units.ts';
import type { Done } from '../memory.ts';

/** A change of direction within this time is a reversal. */
export const reversalMs = seconds(600);
const hourMs = seconds(3_600);
/** Reversals that a service may have in an hour. */
export const reversalsAllowed = 2;
/**
 * Seconds of workers that must have stood idle, by the number of reversals in the last hour: on a
 * turn, and on the way down. They are for a fall by three tenths; a deeper one needs less.
 */
export const onTurn: readonly number[] = [300, 600];
export const onTheWay: readonly number[] = [120, 300, 1_200];
const usualFall = 0.7;

/** How many seconds of idle workers it takes until `share` of the workers remain. */
export const patience = (scaled: readonly Done[], at: Instant, share: number): number => {
  const last = scaled.at(-1);
  const isTurn = last === undefined || (last.direction === 'up' && at - last.at < reversalMs);
  const reversals = Math.min(reversalsAllowed, reversalsIn(scaled, at));
  const base = (isTurn ? onTurn : onTheWay)[reversals] ?? Number.POSITIVE_INFINITY;
  return (base * share) / usualFall;
};

const reversalsIn = (done: readonly Done[], at: Instant): number => {
  let count = 0;
  done.forEach((one, index) => {
    const before = done[index - 1];
    if (before === undefined || at - one.at > hourMs) return;
    if (one.direction !== before.direction && one.at - before.at < reversalMs) count += 1;
  });
  return count;
};
