import type { AdviceAction } from '../../protocol/advice.ts';
import type { Outcome } from '../memory/memory.ts';

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

export type Confidence = (action: AdviceAction, strength: number) => number;

/**
 * Probability that the advice turns out right: the mean of the Beta distribution over the outcomes
 * of what was followed in this app, less up to a twentieth when the evidence is weak (`strength`,
 * 0–1). Of many pieces of advice: the outcomes are counted once.
 */
export const confidenceAfter = (outcomes: readonly Outcome[]): Confidence => {
  const followed: Partial<Record<AdviceAction, number>> = {};
  const right: Partial<Record<AdviceAction, number>> = {};
  for (const { action, helped, isOwnIdea } of outcomes) {
    if (isOwnIdea !== undefined) continue;
    followed[action] = (followed[action] ?? 0) + 1;
    right[action] = (right[action] ?? 0) + Number(helped);
  }
  return (action, strength) => {
    const mean = (rightOfTwenty[action] + (right[action] ?? 0)) / (20 + (followed[action] ?? 0));
    const certain = Math.min(1, Math.max(0, strength));
    return Math.round(mean * (1 - doubt * (1 - certain)) * 100) / 100;
  };
};
