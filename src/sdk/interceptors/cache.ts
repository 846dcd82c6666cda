import type { CachePolicy } from '../../protocol/call-policy.ts';
import { callKey } from './call-key.ts';
import type { Around } from './interceptor.ts';
import { Recent } from './recent.ts';

/** Keeps answers for a time, never errors; those with the same arguments for the same caller's user. */
export const cache = (
  { forMs, most }: CachePolicy,
  clock: () => number = () => performance.now(),
): Around => {
  const answers = new Recent<{ readonly value: unknown; readonly until: number }>(most);
  return async (call, next) => {
    const key = callKey(call);
    const known = answers.get(key);
    if (known !== undefined && clock() < known.until) return known.value;
    const value = await next(call);
    answers.set(key, { value, until: clock() + forMs });
    return value;
  };
};
