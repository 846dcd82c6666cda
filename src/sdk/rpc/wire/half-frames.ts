/**
 * Says when a frame that has begun does not go on. Of large frames each comes in several pieces: a
 * timer for every one of them would be set twice for each.
 */
export class HalfFrames {
  readonly #forMs: number;
  readonly #stuck: () => void;
  /** When a piece of it came last; undefined while there is none. */
  #heardAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(forMs: number, stuck: () => void) {
    this.#forMs = forMs;
    this.#stuck = stuck;
  }

  /** Something has come, and a frame is whole or not. */
  heard(isInside: boolean): void {
    this.#heardAt = isInside ? performance.now() : undefined;
    if (isInside) this.#timer ??= this.#wait(this.#forMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #wait(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#look(), ms).unref();
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#heardAt === undefined) return;
    const left = this.#heardAt + this.#forMs - performance.now();
    if (left > 0) this.#timer = this.#wait(left);
    else this.#stuck();
  }
}
