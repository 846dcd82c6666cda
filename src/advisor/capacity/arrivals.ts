import { lastSeconds, mean, meanOver, median } from '../history/window.ts';
import type { Point } from '../memory.ts';

/**
 * The shorter a window, the more must come in it before it counts: so many standard deviations of
 * chance are taken off its mean.
 */
const windows = [
  { seconds: 1, doubt: 3 },
  { seconds: 2, doubt: 2.5 },
  { seconds: 5, doubt: 2 },
  { seconds: 10, doubt: 1.5 },
  { seconds: 30, doubt: 0 },
] as const;

/**
 * Requests a second that are coming now. Slow growth shows in the last half minute, and a jump in
 * its first second.
 */
export const arrivingNow = (points: readonly Point[]): number => {
  const usual = meanArrived(points, 30);
  return Math.max(
    ...windows.map(({ seconds, doubt }) => {
      const rate = meanArrived(points, seconds);
      const certain = rate - doubt * Math.sqrt(rate / seconds);
      return certain > usual * jump ? rate : certain;
    }),
  );
};

/** So many times the usual rate is no chance, and taken at its word. */
export const jump = 1.5;

/**
 * By how much the rate grows in a second. Over the last minute it is the middle one of the changes
 * between ten seconds and the next: a jump is one change of five, and no growth. Over the last six
 * seconds it is the lesser of two changes, when that is more than chance explains.
 */
export const growthOf = (points: readonly Point[]): number =>
  Math.max(growthOverMinute(points), growthOverSeconds(points));

const growthOverSeconds = (points: readonly Point[]): number => {
  const [first = 0, second = 0, third = 0] = lastPairs(points);
  const growth = Math.min(third - second, second - first);
  return growth > doubtOfGrowth * Math.sqrt(third) ? growth / 2 : 0;
};

const doubtOfGrowth = 1.5;

/** The mean rates of the last three times two seconds, oldest first. */
const lastPairs = (points: readonly Point[]): readonly number[] => {
  const six = lastSeconds(points, 6);
  if (six.length < 6) return [];
  return [0, 2, 4].map((from) => mean(six.slice(from, from + 2).map(({ arrived }) => arrived)));
};

const growthOverMinute = (points: readonly Point[]): number => {
  const rates = decadesOf(points);
  const changes = rates.slice(1).map((rate, index) => rate - (rates[index] ?? rate));
  const growth = median(changes);
  const chance = Math.sqrt((rates.at(-1) ?? 0) / decade / 2);
  return changes.length === 5 && growth > chance ? growth / decade : 0;
};

const decade = 10;

/** The mean rates of each ten seconds of the last minute, oldest first. */
const decadesOf = (points: readonly Point[]): readonly number[] => {
  const minute = lastSeconds(points, 6 * decade);
  if (minute.length < 5 * decade) return [];
  return [0, 1, 2, 3, 4, 5].map((index) =>
    mean(minute.slice(index * decade, (index + 1) * decade).map(({ arrived }) => arrived)),
  );
};

/** Over a minute: what it is when chance is left out. */
export const arrivingLately = (points: readonly Point[]): number =>
  Math.max(meanArrived(points, 60), meanArrived(points, 20));

const meanArrived = (points: readonly Point[], seconds: number): number =>
  meanOver(points, seconds, ({ arrived }) => arrived);
