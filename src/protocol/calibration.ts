import type { AdviceAction } from './advice.ts';

/** What became of the advice of one rule. */
export type RuleRecord = {
  readonly action: AdviceAction;
  /** Followed, and with a verdict. */
  readonly followed: number;
  readonly helped: number;
  /** 0–1; absent before the first verdict. */
  readonly hitRate?: number;
  /** What the rule is trusted with before it has met this app, 0–1. */
  readonly prior: number;
  /** Of how many cases that is known. */
  readonly cases?: number;
  readonly dismissed: number;
  /** The same by how clear the evidence was; `prior` is that of the clearest. */
  readonly evidence?: readonly {
    /** Part of the extra time that it explains, 0–1, from here to the next. */
    readonly from: number;
    readonly followed: number;
    readonly helped: number;
    readonly prior: number;
    readonly cases?: number;
  }[];
  /** Why it was dismissed the last time that somebody said so. */
  readonly lastWhy?: string;
};

/** Advice of about the same confidence, and how much of it helped. */
export type ConfidenceBin = {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly meanConfidence: number;
  readonly hitRate: number;
};

/** Predictions of one signal, each made again for the load that came. */
export type PredictionScore = {
  readonly signal: 'cpu' | 'latencyP99Ms';
  readonly count: number;
  /** Of the actual value. */
  readonly medianErrorPercent: number;
  readonly p90ErrorPercent: number;
  /** Part of the actual values inside the range of 80 %, 0–1. */
  readonly insideRange: number;
  /** Part of the predictions that were above the actual value, 0–1. */
  readonly tooHigh: number;
};

/** `forge advise --calibration --json`. */
export type Calibration = {
  readonly version: 1;
  readonly app: string;
  readonly at: string;
  readonly rules: readonly RuleRecord[];
  readonly confidence: readonly ConfidenceBin[];
  /** Mean distance of confidence and hit rate, 0–1; absent before the first verdict. */
  readonly calibrationError?: number;
  readonly predictions: readonly PredictionScore[];
};
