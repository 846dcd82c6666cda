import type { Evidence } from '../../protocol/advice.ts';
import { seconds } from '../../protocol/units.ts';
import type { Situation } from '../situation.ts';

/** Those whose trouble becomes another's are told first; the callee's own signals may come later. */
export const patienceMs = seconds(20);

/** For as long, and while the last seconds still tell the same. */
export const hasLasted = ({ evidence }: Situation): boolean =>
  evidence.some(({ heldMs }: Evidence) => heldMs >= patienceMs);

/**
 * On which service something is said of the trouble that a callee has, now or in a moment. Undefined
 * of one that nobody looks at, or that is within its own lines: then the caller keeps the case, as
 * otherwise nobody would be told of it.
 */
export const whoAnswersFor = (callee: string, situation: Situation): string | undefined => {
  const seen = situation.services.get(callee);
  if (seen === undefined || seen.workers === 0) return undefined;
  const its = situation.caseOf(callee);
  switch (its.status) {
    case 'told':
      return its.of;
    case 'coming':
      return callee;
    case 'none':
      return hasLasted(situation) ? undefined : callee;
  }
};
