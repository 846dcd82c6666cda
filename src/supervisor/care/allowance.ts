import { seconds } from '../../protocol/units.ts';

/** Replacing a group's workers more often would only make it busier. */
const most = 5;
const periodMs = seconds(60);

/** After a try that failed; the next rest is twice as long. */
const firstRestMs = seconds(1);
const mostRestMs = seconds(30);

/**
 * How often a group's workers may be replaced. A try that failed, since no successor could be
 * started, has replaced nobody: it is not counted, and after a rest another may be made.
 */
export class Allowance {
  #lately: readonly number[] = [];
  #restMs = 0;
  #restsUntil = Number.NEGATIVE_INFINITY;

  /** False when it has been used up, or while it rests. */
  take(): boolean {
    const now = performance.now();
    this.#lately = this.#lately.filter((at) => at > now - periodMs);
    if (this.#lately.length >= most || now < this.#restsUntil) return false;
    this.#lately = [...this.#lately, now];
    return true;
  }

  succeeded(): void {
    this.#restMs = 0;
  }

  /** Gives back what was taken last. */
  failed(): void {
    this.#lately = this.#lately.slice(0, -1);
    this.#restMs = Math.min(mostRestMs, Math.max(firstRestMs, this.#restMs * 2));
    this.#restsUntil = performance.now() + this.#restMs;
  }
}
