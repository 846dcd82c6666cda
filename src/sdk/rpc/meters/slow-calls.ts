import type { KeptCall } from '../../../protocol/slow-calls.ts';
import { now } from '../calls.ts';

/** So many of each slice of time. */
const keptOfSlice = 8;
const sliceMs = 5_000;
const keptMs = 60_000;

/**
 * The slowest calls of the last minute. A call that is faster than all that are kept costs one
 * comparison with `floorMs`, which whoever counts it makes.
 */
export class SlowCalls {
  /** Only what took longer is to be kept. */
  floorMs = 0;
  #slice: KeptCall[] = [];
  #sliceEndsAt = 0;
  #before: readonly KeptCall[] = [];

  keep(call: KeptCall): void {
    this.#slice.push(call);
    if (this.#slice.length < keptOfSlice) return;
    if (this.#slice.length > keptOfSlice) this.#slice.splice(this.#fastest(), 1);
    this.floorMs = this.#slice[this.#fastest()]?.tookMs ?? 0;
  }

  /** Begins a new slice when it is time; to be called now and then. */
  turn(at = now()): void {
    if (at < this.#sliceEndsAt) return;
    this.#sliceEndsAt = at + sliceMs;
    this.#before = this.list(at);
    this.#slice = [];
    this.floorMs = 0;
  }

  list(at = now()): readonly KeptCall[] {
    return [...this.#before, ...this.#slice].filter((call) => call.at > at - keptMs);
  }

  #fastest(): number {
    let fastest = 0;
    for (const [index, { tookMs }] of this.#slice.entries()) {
      if (tookMs < (this.#slice[fastest]?.tookMs ?? 0)) fastest = index;
    }
    return fastest;
  }
}
