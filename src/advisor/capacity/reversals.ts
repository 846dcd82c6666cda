import { type Instant, seconds } from '../../protocol/units.ts';
import type { Done } from '../memory/memory.ts';

/** A change of direction within this time is a reversal. */
export const reversalMs = seconds(600);
const hourMs = seconds(3_600);
/**
 * Seconds of workers that must have stood idle before they are taken back, by the number of
 * reversals in the last hour. They are for a fall by three tenths; a deeper one needs less. Taking
 * workers back may bring one reversal more, when they are soon needed again: after two, only those
 * go that would not be.
 */
export const idleSeconds: readonly number[] = [60, 120];
/** The first time, when nothing is known of how the load goes, and of few workers of many. */
export const idleSecondsAtFirst = 300;
const usualFall = 0.7;

/**
 * After one turn, the only one left is for a fall to at most this share of the workers: spent on one
 * worker of many, it is missing when most of them stand idle.
 */
export const lastTurnShare = 0.75;

/**
 * Soon after workers came, which is a turn by itself, only when it saves so many seconds of each
 * worker until it would be none.
 */
export const worthATurnSeconds = 80;
export const idleSecondsOfATurn = 240;

export const isSoon = (scaled: readonly Done[], at: Instant): boolean => {
  const last = scaled.at(-1);
  return last?.direction === 'up' && at - last.at < reversalMs;
};

/** Some were taken back soon after they came, and that is no longer ago than this. */
export const isEarly = (scaled: readonly Done[], at: Instant): boolean => {
  const last = scaled.at(-1);
  if (last?.direction !== 'down' || at - last.at >= reversalMs) return false;
  const up = scaled.findLastIndex(({ direction }) => direction === 'up');
  const [came, went] = [scaled[up], scaled[up + 1]];
  return came !== undefined && went !== undefined && went.at - came.at < reversalMs;
};

/** How many seconds of idle workers it takes until `share` of the workers remain; none may do. */
export const patience = (scaled: readonly Done[], at: Instant, share: number): number => {
  const base = baseFor(scaled, at, share);
  return base === undefined ? Number.POSITIVE_INFINITY : (base * share) / usualFall;
};

const baseFor = (scaled: readonly Done[], at: Instant, share: number): number | undefined => {
  const last = scaled.at(-1);
  if (last === undefined) return idleSecondsAtFirst;
  const turns = reversalsIn(scaled, at);
  if (isSoon(scaled, at)) {
    const savedSeconds = ((1 - share) * (reversalMs - (at - last.at))) / 1_000;
    return turns < idleSeconds.length && savedSeconds >= worthATurnSeconds
      ? idleSecondsOfATurn
      : undefined;
  }
  const base = idleSeconds[Math.min(turns, idleSeconds.length - 1)];
  if (last.direction !== 'up' || share <= lastTurnShare) return base;
  return turns === idleSeconds.length - 1 ? undefined : idleSecondsAtFirst;
};

/** One more in this hour would be too many. */
export const areTurnsSpent = (scaled: readonly Done[], at: Instant): boolean =>
  reversalsIn(scaled, at) >= idleSeconds.length;

const reversalsIn = (done: readonly Done[], at: Instant): number => {
  let count = 0;
  done.forEach((one, index) => {
    const before = done[index - 1];
    if (before === undefined || at - one.at > hourMs) return;
    if (one.direction !== before.direction && one.at - before.at < reversalMs) count += 1;
  });
  return count;
};
