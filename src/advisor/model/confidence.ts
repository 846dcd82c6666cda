import type { AdviceAction, Recommendation } from '../../protocol/advice.ts';
import type { Outcome } from '../memory/memory.ts';
import { type EvidenceBin, evidenceBins } from './evidence-bins.ts';

/** Few cases prove little: so many more are assumed, none of which came true. */
export const doubted = 2;
/** What was seen before it met this app weighs as much as so many cases of this app, at most. */
export const priorWeight = 20;
/** What is less likely to help than this is looked into first. */
export const sureEnough = 0.6;

export type Confidence = (
  action: AdviceAction,
  strength: number,
) => Required<Pick<Recommendation, 'confidence' | 'record'>>;

/** What was noted before there were bins had strong evidence, as far as is known. */
export const evidenceBinOf = (action: AdviceAction, strength = 1): EvidenceBin => {
  const bins: readonly EvidenceBin[] = evidenceBins[action];
  return bins.findLast(({ from }) => strength >= from) ?? { from: 0, cases: 0, cameTrue: 0 };
};

/** More speaks for it than against it. */
const mostly = 0.5;

/**
 * How clear the evidence of a case is: as clear as it has been, as trouble that is being worked off
 * shows less and less of what it came from, but no more than it is when it explains less than half.
 */
export const clearnessOf = (strength: number, before: Recommendation['record']): number =>
  strength < mostly ? strength : Math.max(strength, before?.strength ?? 0);

/** How likely advice with such evidence is to come true, before it has met this app. */
export const priorOf = ({ cases, cameTrue }: EvidenceBin): number => cameTrue / (cases + doubted);

/**
 * Probability that the advice comes true, and of how many cases that is known: the mean of the Beta
 * distribution over what was followed in this app with as much evidence (`strength`, 0–1), which
 * begins as what came true in simulation. Of many pieces of advice: the outcomes are counted once.
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
    const bin = evidenceBinOf(action, strength);
    const { followed, right } = seen.get(bin) ?? { followed: 0, right: 0 };
    const weight = Math.min(priorWeight, bin.cases + doubted);
    const mean = (priorOf(bin) * weight + right) / (weight + followed);
    return {
      confidence: Math.round(mean * 100) / 100,
      record: {
        strength: Math.round(strength * 1_000) / 1_000,
        cases: bin.cases + followed,
        cameTrue: bin.cameTrue + right,
      },
    };
  };
};
