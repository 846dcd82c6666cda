import { usageOver } from '../history/usage.ts';
import { expectWith, predict } from '../model/prediction.ts';
import { countOf, type Rule, round } from './draft.ts';

/** P99 must stay below this share of its critical line. */
export const calmShare = 0.7;

/**
 * One worker less, when the busiest moment of a long idle period fits into the others with room
 * to spare. Decides nothing about a service with one worker, nor about peaks that it has not seen.
 */
export const scaleDown: Rule = ({ service, thresholds, queue, history, plan, at, idleForMs }) => {
  if (plan !== undefined && service.colocatedWith.length === 0) return undefined;
  if (service.workers <= service.minWorkers) return undefined;
  const use = usageOver(history, idleForMs, at);
  if (use === undefined || use.busy >= thresholds.underutilized.cpu) return undefined;
  const workers = service.workers - 1;
  const mean = (use.busy * service.workers) / workers;
  const peak = (100 * use.peakCores) / workers;
  if (mean > thresholds.cpu.scaleDown || peak > thresholds.cpu.warning) {
    const busy = `${round(Math.max(mean, peak))} % busy at times`;
    return { action: 'scale_down', because: `${countOf(workers, 'worker')} would be ${busy}` };
  }
  const { p99 } = expectWith(queue, workers);
  if (p99 !== undefined && p99 > calmShare * thresholds.latencyP99.critical) {
    return { action: 'scale_down', because: `P99 would be ${round(p99)} ms` };
  }
  const name = service.service;
  return {
    service: name,
    action: 'scale_down',
    strength: 1 - use.busy / 100,
    reason: `Its workers were at most ${round(use.busy)} % busy for ${round(idleForMs / 1_000)} s (underused below ${thresholds.underutilized.cpu} %)`,
    details: {
      currentWorkers: service.workers,
      suggestedWorkers: workers,
      busyPercent: round(use.busy),
      peakPercent: round(peak),
    },
    prediction: predict(queue, workers),
    command: `forge scale ${name} ${workers}`,
    config: { [name]: { workers } },
    steps: ['Route around one worker', 'Drain it and stop it'],
  };
};
