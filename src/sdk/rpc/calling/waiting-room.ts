import { now } from '../calls.ts';

/** Requests that nobody can take now wait here for the next routing table: not long, and not many. */
export class WaitingRoom {
  readonly #seats: number;
  #taken = 0;
  #opening = Promise.withResolvers<void>();

  constructor(seats: number) {
    this.#seats = seats;
  }

  /** There is a new table: everyone who waits looks again. */
  open(): void {
    this.#opening.resolve();
    this.#opening = Promise.withResolvers();
  }

  /** Whether to look again; false when the time is over or no seat is free. */
  async wait(until: number): Promise<boolean> {
    const forMs = until - now();
    if (forMs <= 0 || this.#taken >= this.#seats) return false;
    this.#taken += 1;
    const hasOpened = await within(this.#opening.promise, forMs);
    this.#taken -= 1;
    return hasOpened;
  }
}

/** Whether the promise resolved before the time was over. */
const within = (promise: Promise<void>, forMs: number): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), forMs);
    void promise.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
