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
  const answered = (value: unknown): unknown => {
    leave();
    return value;
  };
  const failed = (error: unknown): never => {
    leave();
    throw error;
  };
  const turn = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  /** In place of `finally`, which makes two promises more. */
  const run: Around = (call, next) => {
    let value: unknown;
    try {
      value = next(call);
    } catch (error) {
      return failed(error);
    }
    return isThenable(value) ? Promise.resolve(value).then(answered, failed) : answered(value);
  };
  return (call, next) => {
    if (running < most) {
      running += 1;
      return run(call, next);
    }
    if (waiting.length < queue) return turn().then(() => run(call, next));
    throw resourceExhausted(`${call.service}.${call.method}`, most + queue);
  };
};
