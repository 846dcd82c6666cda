import { mean, meanOver } from '../history/window.ts';
import { graceMs } from '../settings.ts';
import { type Situation, sharesOf } from '../situation.ts';
import { viewWindowMs } from '../view.ts';
import { pressureOf, type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';
import { waitShare } from './shortage.ts';

/** A hot worker that is busier than the mean of the others by so many percent points is stuck. */
export const stuckBy = 50;
/** One that is busier by so many is uneven, if chance does not explain it and an even load would do. */
export const unevenBy = 25;
/** So many standard deviations are no chance. */
export const beyondChance = 4;
const overSeconds = 10;

/**
 * One busy worker among others that have time is stuck, or gets what the others do not: one more of
 * them would have time as well. Decides nothing while a worker is so young that it has not had its
 * share yet, nor where all of them together have too much to do.
 */
export const investigateUneven: Rule = (situation) => {
  const { service } = situation;
  if (service.busyPerWorker.length < 2 || service.youngestMs < graceMs) return undefined;
  const found = stuckIn(situation) ?? unevenIn(situation);
  if (found === undefined) return undefined;
  const { hottest, rest } = found;
  return investigate(service.service, {
    about: 'uneven',
    reason: `${pressureOf(situation)}, and one worker is ${round(hottest)} % busy while the others are ${round(rest)} % busy`,
    strength: Math.min(1, (hottest - rest) / stuckBy),
    details: { hottestPercent: round(hottest), othersPercent: round(rest) },
    steps: [
      'Look for a handler that does not return, a timer, or a key that one worker owns',
      'Restart that worker if it is stuck',
    ],
  });
};

type Uneven = { readonly hottest: number; readonly rest: number };

const stuckIn = ({ service, hot }: Situation): Uneven | undefined => {
  const [hottest = 0, ...others] = service.busyPerWorker;
  const rest = mean(others);
  return hot && hottest - rest >= stuckBy ? { hottest, rest } : undefined;
};

/** Also below the critical line: its requests wait, and on the others they would not. */
const unevenIn = (situation: Situation): Uneven | undefined => {
  const { service, thresholds, history, hot, slow } = situation;
  const isWaiting = hot || (slow && sharesOf(situation).loopWait >= waitShare);
  if (!isWaiting) return undefined;
  const hottest = meanOver(history.points, overSeconds, ({ busy }) => busy);
  const all = meanOver(history.points, overSeconds, ({ meanBusy }) => meanBusy);
  const { warning } = thresholds.cpu;
  if (hottest < warning || all >= warning) return undefined;
  const count = service.busyPerWorker.length;
  const rest = (all * count - hottest) / (count - 1);
  const least = Math.max(unevenBy, beyondChance * chanceOf(situation));
  return hottest - rest < least ? undefined : { hottest, rest };
};

/** How far the workers are apart by chance, in percent points: requests come in no order, and are unequal. */
const chanceOf = ({ service, queue }: Situation): number => {
  const { held, arrivalsPerSecond, workers } = service;
  const squareMs2 = held?.meanSquareMs2 ?? 2 * queue.demandMs ** 2;
  const seconds = viewWindowMs / 1_000;
  return Math.sqrt(((arrivalsPerSecond / workers) * squareMs2) / seconds) / 10;
};
