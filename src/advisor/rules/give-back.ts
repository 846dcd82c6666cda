import { isRising } from '../capacity/arrivals.ts';
import { enoughFor, type Plan } from '../capacity/plan.ts';
import { isGrowing, mayComeBack } from '../capacity/regrowth.ts';
import {
  areTurnsSpent,
  idleSeconds,
  isEarly,
  isSoon,
  lastTurnShare,
  patience,
  reversalMs,
} from '../capacity/reversals.ts';
import type { ServiceMemory } from '../memory/memory.ts';
import { predict } from '../model/prediction.ts';
import type { Situation } from '../situation.ts';
import { countOf, type Refusal, type Rule, round } from './draft.ts';
import { byLoad, objectiveOf } from './scale-ahead.ts';
import { wasBlocked } from './scale-down.ts';

/** As many as would be needed if the load grew again as it has grown; all of them while nobody knows. */
const keptFor = (plan: Plan, { stretches }: ServiceMemory, room: number): number => {
  const arrivals = mayComeBack(stretches, plan.latelyPerSecond) * room;
  return arrivals === Number.POSITIVE_INFINITY ? arrivals : enoughFor(arrivals, plan);
};

/** By chance more come in the next minutes than in the last one, by this part: they are to do for that. */
export const roomForChance = 0.04;

/** When no turn is left, they are to do for more than was seen to come back, by this part. */
export const roomWhenSpent = 0.15;

/** With a turn that is taken early there is to be no other, should the load grow again. */
const staying = (plan: Plan, { service, history, scaled, at }: Situation): number => {
  const roomy = enoughFor(plan.latelyPerSecond * (1 + roomForChance), plan);
  const least = Math.max(service.minWorkers, roomy, plan.needed);
  const areSpent = areTurnsSpent(scaled, at);
  if (!areSpent && !isSoon(scaled, at) && !isEarly(scaled, at)) {
    return Math.min(service.workers, least);
  }
  const kept = keptFor(plan, history, areSpent ? 1 + roomWhenSpent : 1);
  return Math.min(service.workers, Math.max(least, kept));
};

/** A slice of so many times what a request takes is none of a request: for those it is planned. */
const longRequest = 10;

const no = (because: string): Refusal => ({ action: 'scale_down', because });

const tooLively = `workers came less than ${reversalMs / 60_000} min ago and may soon be needed again, or it went up and down in the last hour, and may do so ${idleSeconds.length} times: the last time for a quarter of its workers`;

/**
 * The autopilot takes workers back when those that were not needed have cost more than another
 * change of direction would. How many a peak will need that it has not seen, it does not know.
 */
export const giveBack: Rule = (situation) => {
  const { service, plan, history, queue, scaled, thresholds, at } = situation;
  if (plan === undefined || service.colocatedWith.length > 0) return undefined;
  if (Math.max(service.minWorkers, plan.enough, plan.needed) >= service.workers) return undefined;
  const workers = staying(plan, situation);
  const share = workers / service.workers;
  if (share > lastTurnShare && isGrowing(history.stretches)) {
    return no('its load grows, and few of its workers are not needed yet');
  }
  const wait = patience(scaled, at, share);
  if (wait === Number.POSITIVE_INFINITY) return no(tooLively);
  if (workers === service.workers) return no('fewer would do, but not if a few more requests came');
  const spare = history.spareSeconds ?? 0;
  if (spare < wait) {
    const minutes = round(wait / 60, 1);
    return no(
      `${round(spare / 60, 1)} of ${minutes} minutes of workers stood idle since it was needed`,
    );
  }
  const blocked = wasBlocked(situation, plan.demandMs * longRequest);
  if (blocked !== undefined) return blocked;
  // Asked last, as it looks at many seconds.
  if (isRising(history.points)) return no('more requests come than in the last minute');
  const name = service.service;
  return {
    service: name,
    action: 'scale_down',
    about: byLoad,
    strength: 1,
    reason: `${countOf(workers, 'worker')} carry ${round(plan.arrivalsPerSecond)} requests a second within P99 ${round(plan.goalMs)} ms, and ${round(spare / 60, 1)} minutes of the others stood idle`,
    details: {
      currentWorkers: service.workers,
      suggestedWorkers: workers,
      neededCores: round(plan.load, 2),
      objectiveMs: round(objectiveOf(plan, thresholds)),
    },
    prediction: predict(queue, workers),
    command: `forge scale ${name} ${workers}`,
    config: { [name]: { workers } },
    steps: ['Route around the workers that are too many', 'Drain them and stop them'],
  };
};
