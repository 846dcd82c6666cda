import { Crowd, type Member } from './under-way/crowd.ts';

const sweepEveryMs = 20;

/** Tells of what has waited past its deadline, some of them at a time: a timer each would cost more. */
export class Expiry<T extends Member & { readonly deadlineAt: number }> {
  readonly #waiting = new Crowd<T>();
  readonly #expired: (waiting: T) => void;
  readonly #clock: () => number;
  #sweep: NodeJS.Timeout | undefined;

  /** In the time of this clock; whoever has expired is still to be deleted. */
  constructor(clock: () => number, expired: (waiting: T) => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  add(waiting: T): void {
    this.#waiting.add(waiting);
    this.#sweep ??= setInterval(() => this.#look(), sweepEveryMs).unref();
  }

  /** Whether it has waited until now. */
  delete(waiting: T): boolean {
    return this.#waiting.delete(waiting);
  }

  close(): void {
    clearInterval(this.#sweep);
  }

  #look(): void {
    if (this.#waiting.size === 0) {
      clearInterval(this.#sweep);
      this.#sweep = undefined;
    }
    const at = this.#clock();
    for (const waiting of this.#waiting.list())
      if (waiting.deadlineAt <= at) this.#expired(waiting);
  }
}
