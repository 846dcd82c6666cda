import type { AdviceAction, BurnRate, Prediction, Recommendation, Signal } from './advice.ts';

/** One signal of a service against its lines. */
export type SignalReading = {
  readonly signal: Signal;
  readonly value: number;
  readonly warning: number;
  readonly critical: number;
  /** How long it has been over its line; absent when it is not. */
  readonly heldMs?: number;
  /** Of P99 and errors: so many times as many bad answers as there may be, in each window. */
  readonly burn?: readonly BurnRate[];
};

/** One question of the decision tree, in the order in which they are asked. */
export type Question = {
  readonly question: string;
  readonly answer: 'yes' | 'no' | 'not asked';
  /** The numbers of now that answer it, and their lines. */
  readonly numbers: string;
};

/** `forge explain NAME --json`: how the advisor comes to what it says of a service. */
export type Explanation = {
  readonly version: 1;
  readonly app: string;
  readonly at: string;
  readonly service: string;
  readonly verdict: string;
  readonly recommendation?: Recommendation;
  readonly signals: readonly SignalReading[];
  /** Parts of the time of a request beyond a calm one, 0–1. */
  readonly time: {
    readonly cpu: number;
    readonly loopWait: number;
    readonly external: number;
    readonly downstream: Readonly<Record<string, number>>;
  };
  readonly load: {
    readonly workers: number;
    /** Cores that its requests need. */
    readonly cores: number;
    readonly requestsPerSecond: number;
    readonly busyPercent: number;
    readonly idleCores: number;
  };
  /** What it would be with other numbers of workers, the present one first. */
  readonly candidates: readonly { readonly workers: number; readonly prediction: Prediction }[];
  readonly tree: readonly Question[];
  readonly notAdvised: readonly { readonly action: AdviceAction; readonly because: string }[];
  readonly wouldChange: readonly string[];
};
