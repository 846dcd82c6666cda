import type { WorkerSample } from '../../protocol/metrics.ts';
import { ms, seconds } from '../../protocol/units.ts';
import type { ToWorker } from '../../protocol/worker/messages.ts';

export type RestParts = {
  readonly send: (message: ToWorker) => void;
  /** The last sample holds for another period. */
  readonly onHeld: (sample: WorkerSample) => void;
};

const periodMs = seconds(1);
/** So long may a worker that rests be silent: half of what makes others late for good. */
const silentMs = ms(2_500);
/** Nobody is on time to the millisecond. */
const slackMs = 50;

/**
 * A worker that does nothing need not say so every second: when it has said that it rests, its last
 * sample is taken to hold, period after period, until it says something else.
 */
export class Rest {
  readonly #parts: RestParts;
  #last: WorkerSample | undefined;
  /** When it was sent last, or taken to hold; undefined while the worker does not rest. */
  #heldAt: number | undefined;

  constructor(parts: RestParts) {
    this.#parts = parts;
  }

  /** It has dialled. */
  begin(): void {
    this.#last = undefined;
    this.#heldAt = undefined;
    this.#parts.send({ type: 'rest', forMs: silentMs });
  }

  sampled(sample: WorkerSample): void {
    this.#last = sample;
    this.#heldAt = undefined;
  }

  /** It says that its last sample holds. */
  confirmed(at = performance.now()): void {
    if (this.#last === undefined) return;
    this.#heldAt = at;
    this.#parts.onHeld(this.#last);
  }

  /** Who was heard not long ago would have said that it does not hold any more. */
  look(heardAt: number, at: number): void {
    if (this.#heldAt === undefined || at - this.#heldAt < periodMs - slackMs) return;
    if (at - heardAt < silentMs + periodMs) this.confirmed(at);
  }
}
