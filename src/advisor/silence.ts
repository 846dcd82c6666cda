import { worst } from '../protocol/severity.ts';
import type { Instant } from '../protocol/units.ts';
import type { Found } from './judge.ts';
import type { Memory } from './memory.ts';
import type { Draft } from './rules/draft.ts';
import { type AdvisorSettings, grownShare } from './settings.ts';
import { directionOf } from './to-action.ts';
import { failuresAllowed, failuresInARow } from './trust.ts';

type Now = {
  readonly memory: Memory;
  readonly settings: AdvisorSettings;
  readonly at: Instant;
};

/** Why true advice is kept back: dismissed, still being verified, just acted, or of no use before. */
export const silence = (found: Found, now: Now): string | undefined => {
  const { service, action } = found.draft;
  const { memory, at } = now;
  if (isDismissed(found, now)) return 'it was dismissed';
  // How often the autopilot may turn is its rules' business.
  if (found.situation.plan !== undefined && directionOf(action) !== 'other') {
    return repeats(found.draft, now);
  }
  if (memory.waiting.some((one) => one.service === service || one.measured === service)) {
    return 'the effect of the last action is being measured';
  }
  const cooldown = cooldownOf(found.draft, now);
  if (cooldown !== undefined) return cooldown;
  return failuresInARow(memory.outcomes, service, { action, at }) >= failuresAllowed
    ? `it did not help the last ${failuresAllowed} times`
    : undefined;
};

/** What was just done is not done again before it can have had an effect. */
const repeats = (
  { service, action, details }: Draft,
  { memory, settings, at }: Now,
): string | undefined => {
  const last = memory.done.findLast((done) => done.service === service);
  if (last?.recommendation?.action !== action) return undefined;
  const more =
    Number(details['suggestedWorkers']) - Number(last.recommendation.details['suggestedWorkers']);
  const isFurther = action === 'scale_up' ? more > 0 : more < 0;
  return isFurther ? undefined : cooldownAfter(last.at, { settings, at });
};

/** Until its time is over, or it has become worse than what the operator dismissed. */
const isDismissed = ({ draft, severity }: Found, { memory, at }: Now): boolean =>
  memory.muted.some(
    (mute) =>
      mute.service === draft.service &&
      mute.action === draft.action &&
      mute.about === (draft.about ?? '') &&
      mute.until > at &&
      worst([mute.severity, severity]) === mute.severity,
  );

const cooldownOf = ({ service, action }: Draft, now: Now): string | undefined => {
  const { memory } = now;
  const last = memory.done.findLast((done) => done.service === service);
  if (last === undefined) return undefined;
  const cores = memory.services[service]?.queue?.load ?? 0;
  const isUpAgain = directionOf(action) === 'up' && last.direction === 'up';
  if (isUpAgain && cores > last.cores * grownShare) return undefined;
  return cooldownAfter(last.at, now);
};

const cooldownAfter = (
  doneAt: Instant,
  { settings, at }: Pick<Now, 'settings' | 'at'>,
): string | undefined =>
  at - doneAt >= settings.cooldownMs
    ? undefined
    : `cooldown after an action ${Math.round((at - doneAt) / 1_000)} s ago`;
