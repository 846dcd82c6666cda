import type { AdviceAction, Recommendation } from '../../protocol/advice.ts';
import type { Found } from '../judge.ts';
import type { OpenAdvice } from '../memory/memory.ts';
import { type Confidence, clearnessOf } from '../model/confidence.ts';
import type { Draft } from '../rules/draft.ts';
import { withBurnRates } from '../signals/burn.ts';
import { directionOf } from './to-action.ts';

/** A case has one id for as long as it lasts, also when another number of workers would do for it. */
export const isSame = (
  { service, action, command, about = '' }: Draft,
  { recommendation: shown, about: shownAbout }: OpenAdvice,
): boolean =>
  service === shown.service &&
  action === shown.action &&
  about === shownAbout &&
  (isSized(action) || command === shown.command);

const isSized = (action: AdviceAction): boolean => directionOf(action) !== 'other';

/** Of a case that is open, also how clear it was. */
type Identity = Pick<Recommendation, 'id' | 'since' | 'record'>;

/** Gives a draft its id, its age, its severity and its confidence. */
export const identify = (
  { draft, situation, severity }: Found,
  { id, since, record }: Identity,
  confidence: Confidence,
): Recommendation => ({
  id,
  since,
  service: draft.service,
  action: draft.action,
  severity,
  ...confidence(draft.action, clearnessOf(draft.strength, record)),
  reason: draft.reason,
  evidence: withBurnRates(situation.evidence, situation),
  details: draft.details,
  prediction: draft.prediction,
  command: draft.command,
  config: draft.config,
  steps: draft.steps,
});

/** The number of the case makes the id of a service's next case another one. */
export const toId = (draft: Draft, number: number): string =>
  `r-${hash(`${draft.service} ${draft.action} ${number}`)}`;

/** Four hexadecimal digits, FNV-1a folded to 16 bits. */
const hash = (text: string): string => {
  let value = 0x811c9dc5;
  for (const letter of text) {
    value ^= letter.charCodeAt(0);
    value = Math.imul(value, 0x01000193) >>> 0;
  }
  return ((value ^ (value >>> 16)) & 0xffff).toString(16).padStart(4, '0');
};
