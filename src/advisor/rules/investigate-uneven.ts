import { mean } from '../history/window.ts';
import { graceMs } from '../settings.ts';
import { pressureOf, type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';

/** The hottest worker is busier than the mean of the others by so many percent points. */
export const unevenBy = 50;

/**
 * One hot worker among idle ones is stuck, or gets what the others do not: one more of them would
 * idle as well. Decides nothing while a worker is so young that it has not had its share yet.
 */
export const investigateUneven: Rule = (situation) => {
  const { service, hot } = situation;
  const [hottest, ...others] = service.busyPerWorker;
  if (!hot || hottest === undefined || others.length === 0) return undefined;
  const rest = mean(others);
  if (service.youngestMs < graceMs || hottest - rest < unevenBy) return undefined;
  return investigate(service.service, {
    about: 'uneven',
    reason: `${pressureOf(situation)} in one worker while the others are ${round(rest)} % busy`,
    strength: (hottest - rest) / 100,
    details: { hottestPercent: round(hottest), othersPercent: round(rest) },
    steps: [
      'Look for a handler that does not return, or for a key that one worker owns',
      'Restart that worker if it is stuck',
    ],
  });
};
