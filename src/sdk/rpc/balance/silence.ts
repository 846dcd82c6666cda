const askAfterMs = 50;
const stalledAfterMs = 250;

/** How long a peer that has calls to answer has said nothing. */
export class Silence {
  #heardAt = 0;
  /** Something has come since it was looked at last. */
  #hasHeard = false;
  /** The peer was asked whether it is there, and nothing has come since. */
  isAsked = false;

  heard(): void {
    this.#hasHeard = true;
    this.isAsked = false;
  }

  /** Its event loop is held up: who is asked now waits for that. */
  isStalled(at: number): boolean {
    return this.isAsked && at - this.#heardAt > stalledAfterMs;
  }

  /** Time has gone by: whether the peer is to be asked now, if it can hear. */
  asks(at: number, canHear: boolean): boolean {
    if (this.#hasHeard) this.#heardAt = at;
    this.#hasHeard = false;
    if (this.isAsked || !canHear || at - this.#heardAt < askAfterMs) return false;
    this.isAsked = true;
    this.#heardAt = at;
    return true;
  }
}
