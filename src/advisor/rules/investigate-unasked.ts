import { neededCores } from '../history/load.ts';
import { meanOver } from '../history/window.ts';
import { isAnswering } from '../signals/signals.ts';
import type { Situation } from '../situation.ts';
import { pressureOf, type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';
import { placeOf } from './investigate-blocked.ts';

/** Less of what its loops are busy with than this is for requests, where hardly any come. */
export const askedShare = 0.1;

export const shareOfRequests = ({ history: { points } }: Situation): number => {
  const cores = meanOver(points, 10, (point) => point.cores);
  return cores > 0 ? Math.min(1, neededCores(points) / cores) : 1;
};

/** What it does is for no request. One that takes long is not answered yet, but pending all the while. */
export const isUnasked = (situation: Situation): boolean => {
  const { points } = situation.history;
  if (isAnswering(points) || meanOver(points, 5, ({ pending }) => pending) >= 0.5) return false;
  return shareOfRequests(situation) < askedShare;
};

/**
 * A full loop that hardly anybody asks is busy with what no request causes, such as a timer: more
 * workers would each do the same. Decides nothing about a shared loop, nor about a program of its
 * own, of whose requests little is seen.
 */
export const investigateUnasked: Rule = (situation) => {
  const { service, hot, queue } = situation;
  if (!hot || service.colocatedWith.length > 0 || service.isCommand === true) return undefined;
  if (!isUnasked(situation)) return undefined;
  const { service: name, stalledIn } = service;
  const asked = shareOfRequests(situation);
  const where = stalledIn === undefined ? '' : `, and was last seen in ${placeOf(stalledIn)}`;
  return investigate(name, {
    about: 'unasked',
    reason: `${pressureOf(situation)}, and its requests, ${round(queue.arrivalsPerSecond, 1)} a second, make ${round(asked * 100)} % of that: it is busy with what none of them asked for${where}`,
    strength: 1 - asked,
    details: {
      requestsPercent: round(asked * 100),
      requestsPerSecond: round(queue.arrivalsPerSecond, 1),
      ...(stalledIn !== undefined && { stack: stalledIn }),
    },
    steps: [
      'Find the timer, or the loop, that keeps it busy: each worker more would do the same',
      `If it takes its work from elsewhere, as from a queue, more workers share that: forge scale ${name} ${service.workers + 1}`,
    ],
  });
};
