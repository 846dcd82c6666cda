import type { ActionKind } from './action.ts';
import type { AutopilotMode, AutopilotReport } from './autopilot.ts';
import type { Severity } from './severity.ts';
import type { Thresholds } from './thresholds.ts';

export const adviceActions = [
  'scale_up',
  'split_out',
  'migrate',
  'scale_down',
  'colocate',
  'investigate',
] as const;
export type AdviceAction = (typeof adviceActions)[number];

/** What no key can carry out: it goes beyond this app or this machine. */
export const isByHand = ({ action }: { readonly action: AdviceAction }): boolean =>
  action === 'investigate' || action === 'migrate';

export const signals = ['cpu', 'latencyP99Ms', 'pending', 'memoryMb', 'errorPercent'] as const;
export type Signal = (typeof signals)[number];

/** It is a case when both windows of a pair, which have the same line, are at it. */
export type BurnRate = { readonly forMs: number; readonly times: number; readonly line: number };

export type Evidence = {
  readonly signal: Signal;
  readonly value: number;
  readonly warning: number;
  readonly critical: number;
  readonly heldMs: number;
  /** What was bad of the answers, when that is why it counts: it need not be over its line now. */
  readonly burn?: {
    readonly severity: 'warning' | 'critical';
    readonly percent: number;
    readonly forMs: number;
    /** How many there were, when they were few. */
    readonly answers?: number;
  };
  /** Of P99 and errors: so many times as many bad answers as there may be, in each window. */
  readonly burnRates?: readonly BurnRate[];
};

export type Interval = {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
};

export type Prediction = {
  readonly cpu?: Interval;
  readonly latencyP99Ms?: Interval;
  readonly pending?: Interval;
};

/** What an id of advice looks like, so that one of advice that is gone is known for one. */
export const adviceId: RegExp = /^r-[0-9a-f]+$/;

/** Advice of this kind with evidence about as clear, in simulation and in this app. */
export type AdviceRecord = {
  /** How clear the evidence is, 0–1. */
  readonly strength: number;
  readonly cases: number;
  readonly cameTrue: number;
};

export type Recommendation = {
  readonly id: string;
  readonly service: string;
  readonly action: AdviceAction;
  readonly severity: Severity;
  readonly confidence: number;
  /** What the confidence is known from: absent in what was recorded before it was told. */
  readonly record?: AdviceRecord;
  readonly since: string;
  /** When its evidence was last seen, once it is told only as it may come back; `severity` is `ok` then. */
  readonly overSince?: string;
  readonly reason: string;
  readonly evidence: readonly Evidence[];
  /** Numbers behind the reason, units in the keys. */
  readonly details: Readonly<Record<string, number | string | readonly string[]>>;
  readonly prediction: Prediction;
  readonly command: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly steps: readonly string[];
};

/** How bad it is, in a word; what is over is not advised because all is well. */
export const stateOf = ({
  severity,
  overSince,
}: Pick<Recommendation, 'severity' | 'overSince'>): Severity | 'over' =>
  overSince === undefined ? severity : 'over';

export type NotAdvised = {
  readonly service: string;
  readonly action: AdviceAction;
  readonly because: string;
};

/** An action that did not help, and can still be taken back. */
export type UndoOffer = {
  readonly action: string;
  readonly kind: ActionKind;
  readonly service: string;
  readonly because: string;
  readonly command: string;
};

/** `forge advise --json`. */
export type Advice = {
  readonly version: 1;
  readonly app: string;
  readonly at: string;
  readonly thresholds: Thresholds;
  readonly recommendations: readonly Recommendation[];
  readonly notAdvised: readonly NotAdvised[];
  readonly undo?: readonly UndoOffer[];
  readonly autopilot?: AutopilotReport;
  /** In `observe` nothing is advised, whatever there would be to say. */
  readonly mode?: AutopilotMode;
};
