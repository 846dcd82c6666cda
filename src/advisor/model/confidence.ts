import type { AdviceAction } from '../../protocol/advice.ts';
import type { Outcome } from '../memory.ts';

/**
 * How often each kind was right before it met this app, of twenty: the prior of a Beta
 * distribution. Simple, well-measured kinds start higher than those that depend on another
 * machine or on a person.
 */
export const rightOfTwenty = {
  scale_up: 18,
  split_out: 18,
  migrate: 15,
  scale_down: 18,
  colocate: 17,
  investigate: 16,
} as const satisfies Record<AdviceAction, number>;

/**
 * Probability that the advice turns out right: the mean of the Beta distribution over the outcomes
 * of what was followed in this app, less up to a quarter when the evidence is weak or fresh (`strength`, 0–1).
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
  return Math.round(mean * (0.75 + 0.25 * certain) * 100) / 100;
};
