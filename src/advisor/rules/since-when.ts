import { trusted } from '../history/calm.ts';
import { lastSeconds } from '../history/window.ts';
import { offShare } from '../settings.ts';
import type { Situation } from '../situation.ts';
import type { Draft } from './draft.ts';

/**
 * A service that was slow from its first request on may have a dependency that was so, or be as its
 * author made it: nobody can tell. It is told, so that the first is not lost, but never as critical;
 * what may take that long belongs in the lines of the config.
 */
export const atMostWithoutCalm = (situation: Situation): Pick<Draft, 'atMost'> =>
  mayBeMeant(situation) ? { atMost: 'warning' } : {};

/** No author makes a service that fails. */
const mayBeMeant = ({ history, evidence }: Situation): boolean =>
  trusted(history.calm) === undefined && !evidence.some(({ signal }) => signal === 'errorPercent');

/** What the shares of a request's time are parts of. */
export const timeOf = ({ history }: Situation): string =>
  trusted(history.calm) === undefined ? 'its time' : 'the extra time';

/** What to do about a service that is as it should be. */
export const ownLines = (situation: Situation): readonly string[] =>
  mayBeMeant(situation)
    ? ['If it always takes that long and may, raise the line: advisor.thresholds.latencyP99']
    : [];

/** A view shows for seconds what is over; whose callee has recovered has so as well. */
export const isStillSlow = ({ history, thresholds }: Situation): boolean => {
  const line = thresholds.latencyP99.warning * offShare;
  return lastSeconds(history.points, 2).some(({ p99Now = line }) => p99Now >= line);
};
