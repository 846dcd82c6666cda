import { median, startOfLast } from '../history/window.ts';
import type { Point } from '../memory/memory.ts';

/**
 * The shorter a window, the more must come in it before it counts: so many standard deviations of
 * chance are taken off its mean.
 */
const windows = [
  { seconds: 1, doubt: 3 },
  { seconds: 2, doubt: 2.5 },
  { seconds: 5, doubt: 2 },
  { seconds: 10, doubt: 1.5 },
] as const;

/** Requests a second that are coming, and how many more there is to be room for. */
export type Arriving = { readonly perSecond: number; readonly room: number };

/**
 * What is coming now. Slow growth shows in the last half minute, and a jump in its first second.
 */
export const arrivingNow = (points: readonly Point[]): Arriving => {
  const usual = meanArrived(points, 30);
  let perSecond = usual;
  let room = 0;
  for (const { seconds, doubt } of windows) {
    const rate = meanArrived(points, seconds);
    const chance = Math.sqrt(rate / seconds);
    const certain = rate - doubt * chance;
    const isJump = certain > usual * jump;
    const more = isJump ? chance * jumpRoom : 0;
    const now = isJump ? rate : certain;
    if (now + more <= perSecond + room) continue;
    perSecond = now;
    room = more;
  }
  return { perSecond, room };
};

/** So many times the usual rate is no chance, and taken at its word. */
export const jump = 1.5;
/** With too few workers after it, what waits becomes ever more: of chance, so much may have been missing. */
const jumpRoom = 0.6;

/** Growth is believed to go on for as long as it has been seen, but not beyond this part. */
export const mostGrowth = { overMinute: 0.25, overSeconds: 0.4 };

/**
 * By how much the rate will have grown after so many seconds. Over the last minute growth is the
 * middle one of the changes between ten seconds and the next: a jump is one change of five, and no
 * growth.
 */
export const growthIn = (seconds: number, points: readonly Point[], rate: number): number =>
  Math.max(
    Math.min(growthOverMinute(points) * Math.min(seconds, 60), rate * mostGrowth.overMinute),
    Math.min(growthOverSeconds(points) * Math.min(seconds, 6), rate * mostGrowth.overSeconds),
  );

/**
 * A line through the last six seconds, once the last four are more than chance above the half
 * minute before them; of its slope what is certain.
 */
const growthOverSeconds = (points: readonly Point[]): number => {
  const end = points.length;
  const start = startOfLast(points, steepSeconds);
  const from = startOfLast(points, steepSeconds + 30);
  if (end - start < steepSeconds || start - from < enoughBefore) return 0;
  const before = meanBetween(points, from, start);
  const now = meanBetween(points, end - 4, end);
  const chance = Math.sqrt(now / 4 + before / (start - from));
  if (now - before < doubtOfGrowth * chance) return 0;
  if (isJump(points, start, before)) return 0;
  return Math.max(0, slopeFrom(points, start) - Math.sqrt(now / squares));
};

/** Most of it came from one second to the next, and there is no more to come. */
const isJump = (points: readonly Point[], start: number, before: number): boolean => {
  const rise = meanBetween(points, points.length - 2, points.length) - before;
  for (let index = start; index < points.length; index += 1) {
    const one = (points[index]?.arrived ?? 0) - (points[index - 1]?.arrived ?? before);
    if (one > rise * jumpShare) return true;
  }
  return false;
};

const jumpShare = 0.75;

/** Least squares, per second. */
const slopeFrom = (points: readonly Point[], start: number): number => {
  const middle = (steepSeconds - 1) / 2;
  let sum = 0;
  for (let index = 0; index < steepSeconds; index += 1) {
    sum += (index - middle) * (points[start + index]?.arrived ?? 0);
  }
  return sum / squares;
};

const steepSeconds = 6;
/** Of the distances of six seconds from their middle: the variance of the slope is the rate over it. */
const squares = 17.5;
const enoughBefore = 3;
const doubtOfGrowth = 3.5;

/** Asked a dozen times a second of every service: by its name, the engine finds the sum at once. */
const meanBetween = (points: readonly Point[], from: number, to: number): number => {
  const [first, last] = [points[from], points[to - 1]];
  if (first === undefined || last === undefined || to <= from) return 0;
  return (last.through.arrived - first.before.arrived) / (to - from);
};

const growthOverMinute = (points: readonly Point[]): number => {
  const start = startOfLast(points, decades * decade);
  if (points.length - start < (decades - 1) * decade) return 0;
  const changes: number[] = [];
  let rate = meanBetween(points, start, start + decade);
  for (let index = 1; index < decades; index += 1) {
    const from = start + index * decade;
    const next = meanBetween(points, from, Math.min(points.length, from + decade));
    changes.push(next - rate);
    rate = next;
  }
  const growth = median(changes);
  const chance = Math.sqrt(rate / decade / 2);
  return growth > chance ? growth / decade : 0;
};

const decade = 10;
/** Of ten seconds each, in the last minute. */
const decades = 6;

/** Over a minute: what it is when chance is left out. */
export const arrivingLately = (points: readonly Point[]): number =>
  Math.max(meanArrived(points, 60), meanArrived(points, 20));

/** More come than in the last minute, by about as much as chance: growth begins like that. */
export const isRising = (points: readonly Point[]): boolean => {
  const usual = meanArrived(points, 60);
  return risingWithin.some(
    (seconds) => meanArrived(points, seconds) > usual + risingFrom * Math.sqrt(usual / seconds),
  );
};

const risingWithin = [3, 10];
const risingFrom = 1.5;

const meanArrived = (points: readonly Point[], seconds: number): number =>
  meanBetween(points, startOfLast(points, seconds), points.length);
