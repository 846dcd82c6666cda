import type { Instant } from '../../protocol/units.ts';
import type { OpenAdvice, ServiceMemory } from '../memory/memory.ts';
import { clearAfterMs } from '../settings.ts';
import { isUnanswered } from '../signals/burning.ts';
import { goneFor, sameCaseMs } from './turn.ts';

/**
 * What stays only as it may come back is nothing bad when nothing has been for a while, and says so:
 * sooner when it has not come back yet, as nothing swings then. Where nothing good has been either,
 * as of a service that nobody asks, it may as well go on.
 */
export const asItStays = (
  open: OpenAdvice,
  history: ServiceMemory | undefined,
  at: Instant,
): OpenAdvice => {
  const { recommendation, seenAt } = open;
  if (history === undefined || recommendation.overSince !== undefined) return open;
  const goneMs = history.moment?.hasComeBack === false ? clearAfterMs : sameCaseMs;
  if (goneFor(open, at) < goneMs || isUnanswered(history, at)) return open;
  const reason = `It is over, and only told on as it may soon come back; it was: ${recommendation.reason}`;
  const overSince = new Date(seenAt).toISOString();
  return { ...open, recommendation: { ...recommendation, severity: 'ok', overSince, reason } };
};
