import { monitorEventLoopDelay } from 'node:perf_hooks';

/** A native timer, for which no JavaScript runs: about a thousandth of a core. */
const turnEveryMs = 50;

/** How long the event loop does not turn; watched only while it has work, so that an idle one costs nothing. */
export class LoopDelay {
  readonly #turns = monitorEventLoopDelay({ resolution: turnEveryMs });
  #activeBeforeMs = 0;

  /**
   * The longest since the last `take`, at most 50 ms too short; 0 for less than 50 ms. A loop that
   * had work for less was not held: its process waited for a core to wake up on. The period before
   * counts, as what held the loop until this very moment is only seen with its next turn.
   */
  take(activeMs: number): number {
    const boundMs = activeMs + this.#activeBeforeMs;
    this.#activeBeforeMs = activeMs;
    if (boundMs < turnEveryMs) {
      this.#turns.disable();
      return 0;
    }
    if (this.#turns.enable()) {
      // What was seen before it had rested.
      this.#turns.reset();
      return 0;
    }
    const longestMs = this.#turns.max / 1e6 - turnEveryMs;
    if (longestMs < turnEveryMs) return 0;
    // Forgets the last turn as well, and with it what holds the loop now: hence not each time.
    this.#turns.reset();
    return Math.min(longestMs, boundMs);
  }
}
