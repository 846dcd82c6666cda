export type Posting = {
  readonly send: () => Promise<unknown>;
  /** Called before it has to wait: what it sends may have changed by the time it is its turn. */
  readonly keep: () => void;
  readonly done: (outcome: Outcome, error?: unknown) => void;
};

export type Outcome = 'delivered' | 'failed' | 'dropped';

const mostInFlight = 32;
const mostWaiting = 1_000;

/**
 * What is on its way to one subscriber. A slow one costs its publisher so many events and no more:
 * the oldest that wait are dropped for newer ones.
 */
export class EventQueue {
  readonly #waiting: Posting[] = [];
  #inFlight = 0;

  get isEmpty(): boolean {
    return this.#inFlight === 0;
  }

  post(posting: Posting): void {
    if (this.#inFlight < mostInFlight) {
      void this.#send(posting);
      return;
    }
    posting.keep();
    this.#waiting.push(posting);
    if (this.#waiting.length > mostWaiting) this.#waiting.shift()?.done('dropped');
  }

  async #send({ send, done }: Posting): Promise<void> {
    this.#inFlight += 1;
    try {
      await send();
      done('delivered');
    } catch (error) {
      done('failed', error);
    } finally {
      this.#inFlight -= 1;
      const next = this.#waiting.shift();
      if (next !== undefined) void this.#send(next);
    }
  }
}
