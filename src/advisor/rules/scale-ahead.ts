import type { Thresholds } from '../../protocol/thresholds.ts';
import { failuresAllowed } from '../advice/trust.ts';
import type { Plan } from '../capacity/plan.ts';
import { hasGrownSince } from '../capacity/regrowth.ts';
import { grownShare } from '../settings.ts';
import type { Situation } from '../situation.ts';
import { countOf, type Rule, round } from './draft.ts';
import { isUnasked } from './investigate-unasked.ts';
import { moreWorkers } from './scale-up.ts';
import { isFull, isHeldBack } from './shortage.ts';

/** What advice is about that follows from the load alone, and not from pressure. */
export const byLoad = 'load';

/** What was seen, and what there is to be room for besides, if it is a request a second at least. */
export const comingIn = ({ arrivalsPerSecond, room: { growth, chance } }: Plan): string => {
  const coming = `${round(arrivalsPerSecond)} requests a second`;
  const room = Object.entries({ growth, chance }).flatMap(([what, more]) =>
    more >= 1 ? [what] : [],
  );
  return room.length === 0 ? coming : `${coming}, with room for ${room.join(' and ')},`;
};

/** What P99 is held to afterwards: its line, or what was planned where that cannot be kept. */
export const objectiveOf = ({ goalMs }: Plan, { latencyP99 }: Thresholds): number =>
  Math.max(latencyP99.critical, goalMs);

/** What did not help is not done again for the same load; for one that has grown it is another matter. */
const isFutile = ({ failedScaleUps, scaled, history }: Situation, { latelyPerSecond }: Plan) => {
  if (failedScaleUps < failuresAllowed) return false;
  const tried = scaled.findLast(({ direction }) => direction === 'up');
  const growth = { share: grownShare, now: latelyPerSecond };
  return tried === undefined || !hasGrownSince(history.stretches, tried.at, growth);
};

/**
 * The autopilot adds workers when the load needs them, and does not wait until it hurts. Decides
 * nothing about a shared loop, nor about processes that wait for a core or do what no request asked
 * for, nor about pressure that no worker may be added for.
 */
export const scaleAhead: Rule = (situation) => {
  const { service, plan, thresholds, evidence } = situation;
  if (plan === undefined || plan.needed <= service.workers) return undefined;
  if (service.colocatedWith.length > 0) return undefined;
  if (isFull(situation) || isHeldBack(situation)) return undefined;
  if (isUnasked(situation) || isFutile(situation, plan)) return undefined;
  if (evidence.length > 0 && service.workers >= service.maxWorkers) return undefined;
  const workers = countOf(service.workers, 'worker');
  return moreWorkers(situation, {
    about: byLoad,
    strength: 1,
    needed: plan.needed,
    details: {
      requestsPerSecond: round(plan.arrivalsPerSecond, 1),
      neededCores: round(plan.load, 2),
      objectiveMs: round(objectiveOf(plan, thresholds)),
    },
    reason: `${comingIn(plan)} need ${round(plan.load, 1)} cores, and ${workers} would not keep P99 below ${round(plan.goalMs)} ms`,
  });
};
