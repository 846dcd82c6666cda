import { leakUrgentMs } from '../history/leak.ts';
import type { ServiceView } from '../view.ts';
import { pressureOf, type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';

const steps = [
  'Take two heap snapshots some minutes apart and compare them',
  'Restart the worker before it is full',
];

/**
 * Memory that grows steadily towards its line is a leak, and more workers would leak as well. Does
 * not say what leaks, and takes no high but steady memory for a leak.
 */
export const investigateMemory: Rule = (situation) => {
  const { service, history, thresholds, evidence } = situation;
  const { leak } = history;
  const whose = largestOf(service);
  if (leak !== undefined) {
    const minutes = round(leak.untilFullMs / 60_000, 1);
    const left = minutes < 2 ? `${round(leak.untilFullMs / 1_000)} s` : `${round(minutes)} min`;
    const growth = round(leak.mbPerSecond * 60, 1);
    const { critical } = thresholds.memory;
    return {
      ...investigate(service.service, {
        about: 'leak',
        reason: `Memory${whose} grows by ${growth} MB a minute and reaches ${critical} MB in ${left}`,
        strength: 0.8,
        details: { growthMbPerMinute: growth, minutesLeft: minutes },
        steps,
      }),
      severity: leak.untilFullMs < leakUrgentMs ? 'critical' : 'warning',
    };
  }
  if (!evidence.every(({ signal }) => signal === 'memoryMb')) return undefined;
  return investigate(service.service, {
    about: 'memory',
    reason: pressureOf(situation).replace('Memory', `Memory${whose}`),
    strength: 0.5,
    details: { memoryMb: round(service.largestWorker?.memoryMb ?? service.memoryMbPerWorker) },
    steps,
  });
};

/** Which of several workers it is. */
const largestOf = ({ largestWorker, workers }: ServiceView): string =>
  largestWorker === undefined || workers < 2 ? '' : ` of ${largestWorker.id}`;
