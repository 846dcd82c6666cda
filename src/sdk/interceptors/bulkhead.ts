import type { ConcurrencyPolicy } from '../../protocol/call-policy.ts';
import { resourceExhausted } from '../../protocol/errors.ts';
import { isThenable } from '../rpc/thenable.ts';
import type { Around } from './interceptor.ts';

/**
 * So many calls run at a time and so many wait for their turn; the next one is refused at once, so
 * that a slow service costs its callers an error and not their memory.
 */
export const bulkhead = ({ most, queue }: ConcurrencyPolicy): Around => {
  const waiting: (() => void)[] = [];
  let running = 0;
  const leave = (): void => {
    const first = waiting.shift();
    if (first === undefined) running -= 1;
    // Its place goes over to whoever waited longest.
    else first();
  };
  const turn = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  return (call, next) => {
    if (running < most) {
      running += 1;
      return untilEnd(() => next(call), leave);
    }
    if (waiting.length < queue) return turn().then(() => untilEnd(() => next(call), leave));
    throw resourceExhausted(`${call.service}.${call.method}`, most + queue);
  };
};

/** `finally` for what may be a value or a promise of it. */
const untilEnd = (run: () => unknown, end: () => void): unknown => {
  let value: unknown;
  try {
    value = run();
  } catch (error) {
    end();
    throw error;
  }
  if (!isThenable(value)) {
    end();
    return value;
  }
  return Promise.resolve(value).finally(end);
};
