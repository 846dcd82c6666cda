export type OutflowEnds = {
  /** Throws when the item cannot be sent. */
  readonly data: (item: unknown) => void;
  /** Undefined as long as there is room where it goes to, besides that of the reader. */
  readonly room?: () => Promise<void> | undefined;
  readonly end: () => void;
  readonly fail: (error: unknown) => void;
  /** Is told of the item that could not be sent. */
  readonly refused?: ((error: unknown) => void) | undefined;
  /** Nothing more will be sent, for whatever reason. */
  readonly done: () => void;
};

/** Sends the items of a stream as far as its reader has room for them. */
export class Outflow {
  readonly #iterator: AsyncIterator<unknown>;
  readonly #ends: OutflowEnds;
  #credit = 0;
  #isPulling = false;
  #isOver = false;

  constructor(source: AsyncIterable<unknown>, ends: OutflowEnds) {
    this.#iterator = source[Symbol.asyncIterator]();
    this.#ends = ends;
  }

  /** The reader has room for more. */
  grant(items: number): void {
    this.#credit += items;
    if (!this.#isPulling) void this.#pull();
  }

  /** Nobody reads it any more: its source is told, and may clean up. */
  stop(): void {
    if (this.#isOver) return;
    this.#over();
    // What it does when nobody listens concerns nobody.
    Promise.resolve(this.#iterator.return?.()).catch(() => undefined);
  }

  async #pull(): Promise<void> {
    this.#isPulling = true;
    try {
      while (this.#credit > 0 && !this.#isOver) {
        const { done, value } = await this.#iterator.next();
        if (this.#isOver) return;
        if (done === true) return this.#finish(this.#ends.end);
        this.#credit -= 1;
        this.#send(value);
        const room = this.#ends.room?.();
        if (room !== undefined) await room;
      }
    } catch (error) {
      if (!this.#isOver) this.#finish(() => this.#ends.fail(error));
    } finally {
      this.#isPulling = false;
    }
  }

  /** At an item that cannot be sent the stream is over at both ends. */
  #send(item: unknown): void {
    try {
      this.#ends.data(item);
    } catch (error) {
      this.#ends.refused?.(error);
      this.#ends.fail(error);
      this.stop();
    }
  }

  #finish(say: () => void): void {
    say();
    this.#over();
  }

  #over(): void {
    this.#isOver = true;
    this.#ends.done();
  }
}
