import { predict } from '../model/prediction.ts';
import { workersFor } from '../model/sizing.ts';
import { pressureOf, type Rule, round } from './draft.ts';

/** Below this share of a core left, another worker would only take it from the others. */
const worthACore = 0.25;
/** A worker busier than this has no room for bursts. */
const roomyShare = 0.8;

/**
 * More workers help only a service whose event loops are short of time. A slow service on idle
 * workers waits for something else, which is `investigate`'s business; a machine without idle
 * cores is `migrate`'s.
 */
export const scaleUp: Rule = (situation) => {
  const { service, queue, thresholds, machine, hot, shares } = situation;
  if (service.colocatedWith.length > 0) return undefined;
  const isShort = queue.busy >= thresholds.cpu.warning && shares.loopWait >= 0.5;
  if (!hot && !isShort) return undefined;
  if (service.workers >= service.maxWorkers) {
    return {
      action: 'scale_up',
      because: `it already has the ${service.maxWorkers} workers it may have`,
    };
  }
  if (machine.idleCores < worthACore) return undefined;
  const goal = { busy: roomyShare, p99Ms: thresholds.latencyP99.warning };
  const needed = Math.max(service.workers + 1, workersFor(queue, goal));
  const affordable = service.workers + Math.max(1, Math.floor(machine.idleCores));
  const workers = Math.min(needed, affordable, service.maxWorkers);
  const name = service.service;
  const more = workers - service.workers;
  return {
    service: name,
    action: 'scale_up',
    strength: Math.min(1, queue.load / service.workers),
    reason: `${pressureOf(situation)} and ${round(machine.idleCores, 1)} cores are idle`,
    details: {
      currentWorkers: service.workers,
      suggestedWorkers: workers,
      neededCores: round(queue.load, 2),
      idleCores: round(machine.idleCores, 2),
    },
    prediction: predict(queue, workers),
    command: `forge scale ${name} ${workers}`,
    config: { [name]: { workers } },
    steps: [
      `Start ${more} more worker${more === 1 ? '' : 's'} of ${name} and wait until ready`,
      'Route to them',
      'Measure whether P99 and CPU per worker come down',
    ],
  };
};
