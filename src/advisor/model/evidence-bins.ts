import type { AdviceAction } from '../../protocol/advice.ts';

/** Of the advice with evidence from so strong on, how much came true of how many cases. */
export type EvidenceBin = {
  readonly from: number;
  readonly cases: number;
  readonly cameTrue: number;
};

/** Written by `npm run confidence`, from simulated cases. */
export const evidenceBins = {
  scale_up: [
    { from: 0, cases: 51, cameTrue: 2 },
    { from: 0.7, cases: 886, cameTrue: 794 },
  ],
  split_out: [{ from: 0, cases: 61, cameTrue: 61 }],
  migrate: [{ from: 0, cases: 40, cameTrue: 40 }],
  scale_down: [{ from: 0, cases: 107, cameTrue: 107 }],
  colocate: [{ from: 0, cases: 40, cameTrue: 40 }],
  investigate: [
    { from: 0, cases: 94, cameTrue: 82 },
    { from: 0.6, cases: 825, cameTrue: 818 },
  ],
} as const satisfies Record<AdviceAction, readonly EvidenceBin[]>;
