const perRequest = 0.2;
const atFirst = 20;
const atMost = 100;

/**
 * A retry is paid for by five requests, so that a service which fails altogether gets a fifth more
 * load from retries, not twice or three times as much.
 */
export class RetryBudget {
  #left = atFirst;

  earn(): void {
    this.#left = Math.min(atMost, this.#left + perRequest);
  }

  /** Whether there is a retry left; takes it. */
  spend(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
