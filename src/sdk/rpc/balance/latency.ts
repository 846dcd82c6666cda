const forgottenAfterMs = 2_000;
const forgottenAfterOthers = 20;
const leastWeight = 0.1;

/**
 * How long an endpoint has taken to answer of late. While others are asked in its place, that fades:
 * whoever was slow once has to be asked again, or nobody would ever see that it no longer is. It takes
 * time, so that many calls are not held up by one that stays slow, and it takes calls, so that few are
 * not: to know nothing new because nobody asked anybody is no reason to forget.
 */
export class Latency {
  #ms = 0;
  #at = 0;
  /** Since its last answer. */
  #others = 0;

  /** The first answer waited for a socket too, and for all that a new worker does only once. */
  record(tookMs: number, at: number): void {
    if (this.#ms > 0) this.#ms += (tookMs - this.#ms) * Math.max(leastWeight, this.#passedAt(at));
    else if (this.#at > 0) this.#ms = tookMs;
    this.#at = at;
    this.#others = 0;
  }

  /** It might have been asked, and another one was. */
  passedOver(): void {
    this.#others += 1;
  }

  /** 0 as long as nothing is known. */
  msAt(at: number): number {
    const faded = Math.min(this.#passedAt(at), this.#others / forgottenAfterOthers);
    return this.#ms * (1 - faded);
  }

  #passedAt(at: number): number {
    return Math.min(1, (at - this.#at) / forgottenAfterMs);
  }
}
