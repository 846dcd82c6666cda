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
  if (leak !== undefined) {
    const minutes = round(leak.untilFullMs / 60_000);
    const growth = round(leak.mbPerSecond * 60, 1);
    return investigate(service.service, {
      about: 'leak',
      reason: `Memory grows by ${growth} MB a minute and reaches ${thresholds.memory.critical} MB in ${minutes} min`,
      strength: 0.8,
      details: { growthMbPerMinute: growth, minutesLeft: minutes },
      steps,
    });
  }
  if (!evidence.every(({ signal }) => signal === 'memoryMb')) return undefined;
  return investigate(service.service, {
    about: 'memory',
    reason: pressureOf(situation),
    strength: 0.5,
    details: { memoryMb: round(service.memoryMbPerWorker) },
    steps,
  });
};
