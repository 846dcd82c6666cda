const forgottenAfterMs = 2_000;
const leastWeight = 0.1;

/**
 * How long an endpoint has taken to answer of late. While nobody asks it, that fades: whoever was
 * slow once has to be asked again, or nobody would ever see that it no longer is.
 */
export class Latency {
  #ms = 0;
  #at = 0;

  /** The first answer waited for a socket too, and for all that a new worker does only once. */
  record(tookMs: number, at: number): void {
    if (this.#ms > 0) this.#ms += (tookMs - this.#ms) * Math.max(leastWeight, this.#fadedAt(at));
    else if (this.#at > 0) this.#ms = tookMs;
    this.#at = at;
  }

  /** 0 as long as nothing is known. */
  msAt(at: number): number {
    return this.#ms * (1 - this.#fadedAt(at));
  }

  #fadedAt(at: number): number {
    return Math.min(1, (at - this.#at) / forgottenAfterMs);
  }
}
