import type { ConcurrencyPolicy } from '../../protocol/call-policy.ts';
import { resourceExhausted } from '../../protocol/errors.ts';
import { targetOf } from '../rpc/calls.ts';
import { isThenable } from '../rpc/thenable.ts';
import type { Around } from './interceptor.ts';

/**
 * So many calls run at a time and so many wait for their turn; the next one is refused at once, so
 * that a slow service costs its callers an error and not their memory.
 */
export class Bulkhead {
  readonly #policy: ConcurrencyPolicy;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(policy: ConcurrencyPolicy) {
    this.#policy = policy;
  }

  /** Whether there is a place; takes it. */
  enter(): boolean {
    if (this.#running >= this.#policy.most) return false;
    this.#running += 1;
    return true;
  }

  leave(): void {
    const first = this.#waiting.shift();
    if (first === undefined) this.#running -= 1;
    // Its place goes over to whoever waited longest.
    else first();
  }

  readonly around: Around = (call, next) => {
    if (this.enter()) return this.#run(call, next);
    const { most, queue } = this.#policy;
    if (this.#waiting.length < queue) return this.#turn().then(() => this.#run(call, next));
    throw resourceExhausted(targetOf(call), most + queue);
  };

  /** In place of `finally`, which makes two promises more. */
  readonly #run: Around = (call, next) => {
    let value: unknown;
    try {
      value = next(call);
    } catch (error) {
      return this.#failed(error);
    }
    return isThenable(value)
      ? Promise.resolve(value).then(this.#answered, this.#failed)
      : this.#answered(value);
  };

  readonly #answered = (value: unknown): unknown => {
    this.leave();
    return value;
  };

  readonly #failed = (error: unknown): never => {
    this.leave();
    throw error;
  };

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
