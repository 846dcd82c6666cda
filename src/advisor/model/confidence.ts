import type { AdviceAction } from '../../protocol/advice.ts';
import type { Outcome } from '../memory.ts';

/**
 * How often each kind was right before it met this app, of twenty: the prior of a Beta
 * distribution. In the labelled scenarios all of it is right; as much is taken off as they may not
 * show, and more of the kinds that few of them are about. `npm run bench:advisor` prints both.
 */
export const rightOfTwenty = {
  scale_up: 19.5,
  split_out: 19.5,
  migrate: 19,
  scale_down: 19.5,
  colocate: 19,
  investigate: 19.5,
} as const satisfies Record<AdviceAction, number>;

/** Weak evidence was hardly more often wrong than strong evidence. */
export const doubt = 0.05;

/**
 * Probability that the advice turns out right: the mean of the Beta distribution over the outcomes
 * of what was followed in this app, less up to a twentieth when the evidence is weak (`strength`, 0–1).
 */
export const confidenceIn = (
  action: AdviceAction,
  outcomes: readonly Outcome[],
  strength: number,
): number => {
  const own = outcomes.filter(
    (outcome) => outcome.action === action && outcome.isOwnIdea === undefined,
  );
  const right = own.filter((outcome) => outcome.helped).length;
  const mean = (rightOfTwenty[action] + right) / (20 + own.length);
  const certain = Math.min(1, Math.max(0, strength));
  return Math.round(mean * (1 - doubt * (1 - certain)) * 100) / 100;
};
