import type { AdviceAction } from '../../protocol/advice.ts';
import type { Outcome } from '../memory/memory.ts';

/** Evidence from so strong on, and how often such advice was right before it met this app, of twenty. */
export type EvidenceBin = { readonly from: number; readonly rightOfTwenty: number };

/**
 * The prior of a Beta distribution for each kind, and for what of the excess it explains. That of
 * scale_up is what helped in simulated cases, hard ones among them: `npm run bench:advisor` plays
 * others of the same classes and prints how far off it is. Of the other kinds all is right in the
 * labelled scenarios; as much is taken off as these may not show.
 */
export const priors = {
  scale_up: [
    { from: 0, rightOfTwenty: 1.5 },
    { from: 0.5, rightOfTwenty: 15.5 },
    { from: 0.9, rightOfTwenty: 17.5 },
  ],
  split_out: [{ from: 0, rightOfTwenty: 19.5 }],
  migrate: [{ from: 0, rightOfTwenty: 19 }],
  scale_down: [{ from: 0, rightOfTwenty: 19.5 }],
  colocate: [{ from: 0, rightOfTwenty: 19 }],
  investigate: [{ from: 0, rightOfTwenty: 19.5 }],
} as const satisfies Record<AdviceAction, readonly EvidenceBin[]>;

/** Weak evidence was hardly more often wrong than strong evidence, within a bin. */
export const doubt = 0.05;
/** What is less likely to help than this is looked into first. */
export const sureEnough = 0.6;

export type Confidence = (action: AdviceAction, strength: number) => number;

/** What was noted before there were bins had strong evidence, as far as is known. */
export const evidenceBinOf = (action: AdviceAction, strength = 1): EvidenceBin => {
  const bins: readonly EvidenceBin[] = priors[action];
  return bins.findLast(({ from }) => strength >= from) ?? { from: 0, rightOfTwenty: 0 };
};

/**
 * Probability that the advice turns out right: the mean of the Beta distribution over the outcomes
 * of what was followed in this app with as much evidence, less up to a twentieth when the evidence
 * is weak (`strength`, 0–1). Of many pieces of advice: the outcomes are counted once.
 */
export const confidenceAfter = (outcomes: readonly Outcome[]): Confidence => {
  const seen = new Map<EvidenceBin, { followed: number; right: number }>();
  for (const { action, helped, isOwnIdea, strength } of outcomes) {
    if (isOwnIdea !== undefined) continue;
    const bin = evidenceBinOf(action, strength);
    const { followed, right } = seen.get(bin) ?? { followed: 0, right: 0 };
    seen.set(bin, { followed: followed + 1, right: right + Number(helped) });
  }
  return (action, strength) => {
    const certain = Math.min(1, Math.max(0, strength));
    const bin = evidenceBinOf(action, certain);
    const { followed, right } = seen.get(bin) ?? { followed: 0, right: 0 };
    const mean = (bin.rightOfTwenty + right) / (20 + followed);
    return Math.round(mean * (1 - doubt * (1 - certain)) * 100) / 100;
  };
};
