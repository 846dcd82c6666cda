import type { Recommendation } from '../protocol/advice.ts';
import { worst } from '../protocol/severity.ts';
import type { Outcome } from './memory.ts';
import { confidenceIn } from './model/confidence.ts';
import type { Draft } from './rules/draft.ts';
import { severityOfEvidence } from './signals.ts';
import type { Situation } from './situation.ts';

type Identity = {
  readonly known: Recommendation | undefined;
  /** Number of the case, so that a service's next case has another id. */
  readonly number: number;
  readonly outcomes: readonly Outcome[];
};

/** Gives a draft its id, its age, its severity and its confidence. */
export const identify = (
  { strength, ...draft }: Draft,
  { evidence, at }: Situation,
  { known, number, outcomes }: Identity,
): Recommendation => ({
  ...draft,
  id: known?.id ?? `r-${hash(`${draft.service} ${draft.action} ${number}`)}`,
  since: known?.since ?? new Date(at).toISOString(),
  severity: worst(evidence.map(severityOfEvidence)),
  confidence: confidenceIn(draft.action, outcomes, strength),
  evidence,
});

/** Four hexadecimal digits, FNV-1a folded to 16 bits. */
const hash = (text: string): string => {
  let value = 0x811c9dc5;
  for (const letter of text) {
    value ^= letter.charCodeAt(0);
    value = Math.imul(value, 0x01000193) >>> 0;
  }
  return ((value ^ (value >>> 16)) & 0xffff).toString(16).padStart(4, '0');
};
