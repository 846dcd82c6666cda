import { arrivingLately } from '../capacity/arrivals.ts';
import { enoughFor, type Plan } from '../capacity/plan.ts';
import { mayComeBack } from '../capacity/regrowth.ts';
import { idleSeconds, isSoon, patience, reversalMs } from '../capacity/reversals.ts';
import { lineOf } from '../capacity/tail.ts';
import type { ServiceMemory } from '../memory.ts';
import { predict } from '../model/prediction.ts';
import { countOf, type Rule, round } from './draft.ts';
import { byLoad } from './scale-ahead.ts';

/** With a turn that is taken early there is to be no other, should the load grow again. */
const keptFor = (plan: Plan, { stretches, points, tail }: ServiceMemory): number => {
  const line = tail && lineOf(tail, plan.demandMs);
  const arrivals = mayComeBack(stretches, arrivingLately(points));
  return line === undefined || arrivals === Number.POSITIVE_INFINITY
    ? Number.POSITIVE_INFINITY
    : enoughFor(arrivals, plan, line);
};

const tooLively = `workers came less than ${reversalMs / 60_000} min ago and may soon be needed again, or it went up and down in the last hour, and may do so ${idleSeconds.length} times: the last time for a quarter of its workers`;

/**
 * The autopilot takes workers back when those that were not needed have cost more than another
 * change of direction would. How many a peak will need that it has not seen, it does not know.
 */
export const giveBack: Rule = ({ service, plan, history, queue, scaled, thresholds, at }) => {
  if (plan === undefined || service.colocatedWith.length > 0) return undefined;
  const enough = Math.max(service.minWorkers, plan.enough);
  if (enough >= service.workers) return undefined;
  const workers = isSoon(scaled, at) ? Math.max(enough, keptFor(plan, history)) : enough;
  const spare = history.spareSeconds ?? 0;
  const wait = patience(scaled, at, workers / service.workers);
  if (wait === Number.POSITIVE_INFINITY) return { action: 'scale_down', because: tooLively };
  if (spare < wait) {
    const minutes = round(wait / 60, 1);
    const because = `${round(spare / 60, 1)} of ${minutes} minutes of workers stood idle since it was needed`;
    return { action: 'scale_down', because };
  }
  const name = service.service;
  return {
    service: name,
    action: 'scale_down',
    about: byLoad,
    strength: 1 - plan.load / service.workers,
    reason: `${countOf(workers, 'worker')} carry ${round(plan.arrivalsPerSecond)} requests a second within P99 ${round(plan.goalMs)} ms, and ${round(spare / 60, 1)} minutes of the others stood idle`,
    details: {
      currentWorkers: service.workers,
      suggestedWorkers: workers,
      neededCores: round(plan.load, 2),
      objectiveMs: thresholds.latencyP99.critical,
    },
    prediction: predict(queue, workers),
    command: `forge scale ${name} ${workers}`,
    config: { [name]: { workers } },
    steps: ['Route around the workers that are too many', 'Drain them and stop them'],
  };
};
