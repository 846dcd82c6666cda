const mostInARow = 5;
const judgedBy = 20;
const firstMs = 5_000;
const longestMs = 160_000;

/**
 * Whether an endpoint that is there all the same had better not be asked: five failures in a row, or
 * more than half of twenty, put it aside for 5 s, and for twice as long each time after.
 */
export class Outlier {
  #inARow = 0;
  #answers = 0;
  #failures = 0;
  #forMs = firstMs;
  #until = 0;

  record(failed: boolean, at: number): void {
    this.#answers += 1;
    if (failed) this.#failures += 1;
    this.#inARow = failed ? this.#inARow + 1 : 0;
    const isMost = this.#answers >= judgedBy && this.#failures * 2 > this.#answers;
    if (this.#inARow >= mostInARow || isMost) this.#eject(at);
    else if (this.#answers >= judgedBy) this.#begin();
  }

  /** It was never put aside: there is no need to look at a clock. */
  get isProven(): boolean {
    return this.#until === 0;
  }

  isAside(at: number): boolean {
    return at < this.#until;
  }

  #eject(at: number): void {
    // What was sent before tells nothing new.
    if (!this.isAside(at)) {
      this.#until = at + this.#forMs;
      this.#forMs = Math.min(longestMs, this.#forMs * 2);
    }
    this.#inARow = 0;
    this.#answers = 0;
    this.#failures = 0;
  }

  /** A period without a reason to put it aside makes the next time shorter again. */
  #begin(): void {
    this.#answers = 0;
    this.#failures = 0;
    this.#forMs = Math.max(firstMs, this.#forMs / 2);
  }
}

/** Nobody meant to throw it: the worker is broken, where its answers to others may be right. */
export const isFault = (error: unknown): boolean =>
  (error as { readonly code?: unknown }).code === 'INTERNAL';
