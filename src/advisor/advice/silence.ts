import { worst } from '../../protocol/severity.ts';
import type { Found } from '../judge.ts';
import type { Muted } from '../memory/memory.ts';
import type { Draft } from '../rules/draft.ts';
import type { Surroundings } from '../situation.ts';
import { notYet } from './not-yet.ts';
import { cooldownAfter, pauseOf } from './pause.ts';
import { directionOf } from './to-action.ts';
import { failuresAllowed, failuresInARow } from './trust.ts';

type Now = Pick<Surroundings, 'view' | 'memory' | 'past' | 'settings'>;

/**
 * Why true advice is kept back: dismissed, not to be told from another cause yet, just acted or still
 * being verified, or of no use before.
 */
export const silence = (found: Found, now: Now): string | undefined => {
  const { service, action } = found.draft;
  const {
    past,
    view: { at },
  } = now;
  const mute = muteOf(found, now);
  if (mute !== undefined) return spokenMute(mute);
  const early = notYet(found, now);
  if (early !== undefined) return early;
  // How often the autopilot may turn is its rules' business.
  if (found.situation.plan !== undefined && directionOf(action) !== 'other') {
    return repeats(found.draft, now);
  }
  const pause = pauseOf(found, now);
  if (pause !== undefined) return pause;
  const failures = failuresInARow(past.outcomes.get(service) ?? [], service, { action, at });
  if (failures < failuresAllowed) return undefined;
  return failures === 1
    ? 'it did not help the last time'
    : `it did not help the last ${failures} times`;
};

/** What was just done, or failed, is not done again before it can have had an effect. */
const repeats = ({ service, action, details }: Draft, now: Now): string | undefined => {
  const last = now.past.done.get(service)?.at(-1);
  const hasFailed = last?.direction === 'other' && last.action === action;
  if (hasFailed) return cooldownAfter(last, now);
  if (last?.recommendation?.action !== action) return undefined;
  const more =
    Number(details['suggestedWorkers']) - Number(last.recommendation.details['suggestedWorkers']);
  const isFurther = action === 'scale_up' ? more > 0 : more < 0;
  return isFurther ? undefined : cooldownAfter(last, now);
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
