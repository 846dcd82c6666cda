import { worst } from '../../protocol/severity.ts';
import type { Instant } from '../../protocol/units.ts';
import type { Found } from '../judge.ts';
import type { Muted } from '../memory/memory.ts';
import type { Draft } from '../rules/draft.ts';
import { type AdvisorSettings, grownShare } from '../settings.ts';
import type { Surroundings } from '../situation.ts';
import { directionOf } from './to-action.ts';
import { failuresAllowed, failuresInARow } from './trust.ts';

type Now = Pick<Surroundings, 'view' | 'memory' | 'past' | 'settings'>;

/** Why true advice is kept back: dismissed, still being verified, just acted, or of no use before. */
export const silence = (found: Found, now: Now): string | undefined => {
  const { service, action } = found.draft;
  const {
    past,
    view: { at },
  } = now;
  const mute = muteOf(found, now);
  if (mute !== undefined) return spokenMute(mute);
  // How often the autopilot may turn is its rules' business.
  if (found.situation.plan !== undefined && directionOf(action) !== 'other') {
    return repeats(found.draft, now);
  }
  if (past.waiting.has(service)) {
    return 'the effect of the last action is being measured';
  }
  const cooldown = cooldownOf(found.draft, now);
  if (cooldown !== undefined) return cooldown;
  const failures = failuresInARow(past.outcomes.get(service) ?? [], service, { action, at });
  if (failures < failuresAllowed) return undefined;
  return failures === 1
    ? 'it did not help the last time'
    : `it did not help the last ${failures} times`;
};

/** What was just done, or failed, is not done again before it can have had an effect. */
const repeats = (
  { service, action, details }: Draft,
  { past, settings, view: { at } }: Now,
): string | undefined => {
  const last = past.done.get(service)?.at(-1);
  const hasFailed = last?.direction === 'other' && last.action === action;
  if (hasFailed) return cooldownAfter(last.at, { settings, at });
  if (last?.recommendation?.action !== action) return undefined;
  const more =
    Number(details['suggestedWorkers']) - Number(last.recommendation.details['suggestedWorkers']);
  const isFurther = action === 'scale_up' ? more > 0 : more < 0;
  return isFurther ? undefined : cooldownAfter(last.at, { settings, at });
};

/** Until its time is over, or it has become worse than what the operator dismissed. */
const muteOf = ({ draft, severity }: Found, { memory, view: { at } }: Now): Muted | undefined =>
  memory.muted.find(
    (mute) =>
      mute.service === draft.service &&
      mute.action === draft.action &&
      mute.about === (draft.about ?? '') &&
      mute.until > at &&
      worst([mute.severity, severity]) === mute.severity,
  );

const spokenMute = ({ by, why, until }: Muted): string => {
  const who = by === undefined ? 'it was dismissed' : `${by} put it away`;
  const till = ` until ${new Date(until).toISOString().slice(11, 16)} UTC`;
  return `${who}${by === undefined ? '' : till}${why ? `: ${why}` : ''}`;
};

const cooldownOf = ({ service, action }: Draft, now: Now): string | undefined => {
  const { memory, past } = now;
  const last = past.done.get(service)?.at(-1);
  if (last === undefined) return undefined;
  const cores = memory.services[service]?.queue?.load ?? 0;
  const isUpAgain = directionOf(action) === 'up' && last.direction === 'up';
  if (isUpAgain && cores > last.cores * grownShare) return undefined;
  return cooldownAfter(last.at, { settings: now.settings, at: now.view.at });
};

const cooldownAfter = (
  doneAt: Instant,
  { settings, at }: { readonly settings: AdvisorSettings; readonly at: Instant },
): string | undefined =>
  at - doneAt >= settings.cooldownMs
    ? undefined
    : `cooldown after an action ${Math.round((at - doneAt) / 1_000)} s ago`;
