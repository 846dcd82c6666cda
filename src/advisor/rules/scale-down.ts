import { expectWith, predict } from '../model/prediction.ts';
import type { Situation } from '../situation.ts';
import { type Rule, round } from './draft.ts';

/** Busy at most so much after a worker is gone, and P99 with as much to spare. */
const safeShare = 0.7;

/** Mean use of the whole idle period; undefined while it has not been seen whole. */
export const idleUse = ({ history, at, idleForMs }: Situation): number | undefined => {
  const oldest = history.stretches[0];
  if (oldest === undefined || at - oldest.at < idleForMs) return undefined;
  const seen = history.stretches.filter((stretch) => stretch.at >= at - idleForMs);
  return Math.max(...seen.map((stretch) => stretch.meanBusy));
};

/** Fewer workers, when the busiest moment of the period fits into them with room to spare. */
export const scaleDown: Rule = (situation) => {
  const { service, thresholds, queue, idleForMs } = situation;
  if (service.workers <= service.minWorkers) return undefined;
  const use = idleUse(situation);
  if (use === undefined || use >= thresholds.underutilized.cpu) return undefined;
  const workers = service.workers - 1;
  const { busy, p99 } = expectWith(queue, workers);
  const seconds = round(idleForMs / 1_000);
  if (busy > safeShare * 100 || (p99 ?? 0) > safeShare * thresholds.latencyP99.critical) {
    return { action: 'scale_down', because: `${workers} workers would be ${round(busy)} % busy` };
  }
  const name = service.service;
  return {
    service: name,
    action: 'scale_down',
    strength: 1 - use / 100,
    reason: `Its workers were at most ${round(use)} % busy for ${seconds} s (underused below ${thresholds.underutilized.cpu} %)`,
    details: {
      currentWorkers: service.workers,
      suggestedWorkers: workers,
      busyPercent: round(use),
    },
    prediction: predict(queue, workers),
    command: `forge scale ${name} ${workers}`,
    config: { [name]: { workers } },
    steps: ['Route around one worker', 'Drain it and stop it'],
  };
};
