import { colocate } from './rules/colocate.ts';
import { delegate } from './rules/delegate.ts';
import type { Draft, Refusal, Rule } from './rules/draft.ts';
import { giveBack } from './rules/give-back.ts';
import { investigateBlocked } from './rules/investigate-blocked.ts';
import { investigateCalls } from './rules/investigate-calls.ts';
import { investigateErrors } from './rules/investigate-errors.ts';
import { investigateExternal } from './rules/investigate-external.ts';
import { investigateFutile } from './rules/investigate-futile.ts';
import { investigateHeldBack } from './rules/investigate-held-back.ts';
import { investigateLimit } from './rules/investigate-limit.ts';
import { investigateMemory } from './rules/investigate-memory.ts';
import { investigateOthers } from './rules/investigate-others.ts';
import { investigateStuck } from './rules/investigate-stuck.ts';
import { investigateUnasked } from './rules/investigate-unasked.ts';
import { investigateUneven } from './rules/investigate-uneven.ts';
import { investigateUnexplained } from './rules/investigate-unexplained.ts';
import { migrate } from './rules/migrate.ts';
import { scaleAhead } from './rules/scale-ahead.ts';
import { scaleDown } from './rules/scale-down.ts';
import { scaleUp } from './rules/scale-up.ts';
import { splitOut } from './rules/split-out.ts';
import type { Situation } from './situation.ts';

/** The order is the diagnosis: the first rule that has something to say closes the case. */
const underPressure: readonly Rule[] = [
  investigateMemory,
  scaleAhead,
  investigateErrors,
  delegate,
  investigateHeldBack,
  investigateStuck,
  investigateExternal,
  splitOut,
  investigateUneven,
  investigateUnasked,
  investigateCalls,
  investigateOthers,
  migrate,
  investigateFutile,
  investigateLimit,
  scaleUp,
  investigateBlocked,
  investigateUnexplained,
];

const atEase: readonly Rule[] = [scaleAhead, investigateBlocked, giveBack, scaleDown, colocate];

/** What follows the load is left to an autopilot that plans. */
const ofPlan: ReadonlySet<Rule> = new Set([scaleAhead, giveBack]);

export const isPossible = (rule: Rule, { plan }: Situation): boolean =>
  plan !== undefined || !ofPlan.has(rule);

const turnOf = ({ evidence }: Situation): readonly Rule[] =>
  evidence.length > 0 ? underPressure : atEase;

/** The rules that are asked, in turn. */
export const rulesFor = (situation: Situation): readonly Rule[] =>
  turnOf(situation).filter((rule) => isPossible(rule, situation));

export const diagnose = (situation: Situation): Draft | Refusal | undefined => {
  for (const rule of turnOf(situation)) {
    const said = isPossible(rule, situation) ? rule(situation) : undefined;
    if (said !== undefined) return said;
  }
  return undefined;
};
