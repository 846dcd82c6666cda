import { callKey } from './call-key.ts';
import type { Around } from './interceptor.ts';

/** Equal calls at one time are one: it runs for the first, by whose deadline, and answers all. */
export const singleFlight = (): Around => {
  const running = new Map<string, Promise<unknown>>();
  return async (call, next) => {
    const key = callKey(call);
    const same = running.get(key);
    if (same !== undefined) return same;
    const answer = (async () => next(call))().finally(() => running.delete(key));
    running.set(key, answer);
    return answer;
  };
};
