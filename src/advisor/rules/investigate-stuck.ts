import { seconds } from '../../protocol/units.ts';
import { trusted } from '../history/calm.ts';
import { viewWindowMs } from '../view.ts';
import { countOf, type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';
import { placeOf } from './investigate-blocked.ts';

/** Of fewer that wait, or of such that take long, none may be answered by chance. */
export const stuckRequests = 5;

/**
 * An overloaded worker answers as fast as it can. Full loops that answer nothing for as long as a
 * view spans do not turn: more workers would get stuck on the same. Says
 * nothing of one among others that answer, which is `investigateUneven`'s business, nor of one that
 * was never seen to answer soon.
 */
export const investigateStuck: Rule = ({ service, history, thresholds, hot, slow }) => {
  const usualMs = trusted(history.calm)?.p99 ?? Number.POSITIVE_INFINITY;
  const isFull = (service.busyPerWorker.at(-1) ?? 0) >= thresholds.cpu.critical;
  if (!(hot || slow) || !isFull || usualMs > seconds(1)) return undefined;
  const { stalledIn, workers, service: name, pending } = service;
  if (pending < stuckRequests || service.completionsPerSecond > 0) return undefined;
  const where = stalledIn === undefined ? '' : ` in ${placeOf(stalledIn)}`;
  const loops =
    workers === 1
      ? 'the event loop of its worker does'
      : `the event loops of its ${countOf(workers, 'worker')} do`;
  return investigate(name, {
    about: 'stuck',
    reason: `${round(pending)} requests wait and none was answered for ${viewWindowMs / 1_000} s, of which 99 % take at most ${round(usualMs)} ms as a rule: ${loops} not turn${where}`,
    strength: 1,
    details: {
      waitingRequests: round(pending),
      usualP99Ms: round(usualMs),
      ...(stalledIn !== undefined && { stack: stalledIn }),
    },
    steps: [
      `Replace what is stuck: forge reload ${name}`,
      'Find the loop without an end, or the synchronous work, that it does not come back from',
      `Or let the supervisor replace it: services.${name}.health.replaceAfter in the config`,
    ],
  });
};
