import type { View } from '../../advisor/view.ts';

/** Says once a second how many workers there are to be; undefined when it leaves them as they are. */
export type Policy = {
  readonly decide: (seen: Seen) => number | undefined;
};

export type Seen = {
  readonly view: View;
  /** From the start of the trace. */
  readonly second: number;
  /** Workers that are ready or start. */
  readonly ordered: number;
};

export const policyNames = ['advisor', 'hpa', 'kpa', 'watt', 'naive', 'oracle'] as const;
export type PolicyName = (typeof policyNames)[number];
