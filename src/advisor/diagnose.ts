import { colocate } from './rules/colocate.ts';
import type { Draft, Refusal, Rule } from './rules/draft.ts';
import {
  delegate,
  investigateBlocked,
  investigateExternal,
  investigateLeak,
} from './rules/investigate.ts';
import { migrate } from './rules/migrate.ts';
import { scaleDown } from './rules/scale-down.ts';
import { scaleUp } from './rules/scale-up.ts';
import { splitOut } from './rules/split-out.ts';
import type { Situation } from './situation.ts';

/** The order is the diagnosis: the first rule that has something to say closes the case. */
const underPressure: readonly Rule[] = [
  investigateLeak,
  delegate,
  investigateExternal,
  splitOut,
  migrate,
  scaleUp,
  investigateBlocked,
];

const atEase: readonly Rule[] = [investigateBlocked, scaleDown, colocate];

export const diagnose = (situation: Situation): Draft | Refusal | undefined => {
  for (const rule of situation.evidence.length > 0 ? underPressure : atEase) {
    const said = rule(situation);
    if (said !== undefined) return said;
  }
  return undefined;
};
