import type { AdviceAction } from '../../protocol/advice.ts';
import type { Instant } from '../../protocol/units.ts';
import type { Outcome } from '../memory/memory.ts';
import { distrustMs } from '../settings.ts';

/** So many failures in a row, and a kind of advice is not given to a service for a while. */
export const failuresAllowed = 1;

/** How often in a row, and lately, a kind of advice did not help a service. */
export const failuresInARow = (
  outcomes: readonly Outcome[],
  service: string,
  { action, at }: { readonly action: AdviceAction; readonly at: Instant },
): number => {
  if (outcomes.length === 0) return 0;
  const own = outcomes.filter(
    (one) => one.service === service && one.action === action && at - one.at < distrustMs,
  );
  return own.length - 1 - own.findLastIndex(({ helped }) => helped);
};
