import { type Instant, seconds } from '../../protocol/units.ts';
import type { Done } from '../memory.ts';

/** A change of direction within this time is a reversal. */
export const reversalMs = seconds(600);
const hourMs = seconds(3_600);
/**
 * Seconds of workers that must have stood idle before they are taken back, by the number of
 * reversals in the last hour. They are for a fall by three tenths; a deeper one needs less. Taking
 * workers back may bring one reversal more, when they are soon needed again: after two, it waits.
 */
export const idleSeconds: readonly number[] = [60, 120];
/** The first time, when nothing is known of how the load goes. */
export const idleSecondsAtFirst = 300;
const usualFall = 0.7;

/**
 * After one turn, the only one left is for a fall to at most this share of the workers: spent on one
 * worker of many, it is missing when most of them stand idle.
 */
export const lastTurnShare = 0.75;

/** How many seconds of idle workers it takes until `share` of the workers remain; none may do. */
export const patience = (scaled: readonly Done[], at: Instant, share: number): number => {
  const last = scaled.at(-1);
  const isTurn = last?.direction === 'up' && at - last.at < reversalMs;
  const turns = reversalsIn(scaled, at);
  const base = last === undefined ? idleSecondsAtFirst : idleSeconds[turns];
  const isLast = last?.direction === 'up' && turns === idleSeconds.length - 1;
  const isWaste = isLast && share > lastTurnShare;
  const isNever = isTurn || isWaste || base === undefined;
  return isNever ? Number.POSITIVE_INFINITY : (base * share) / usualFall;
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
