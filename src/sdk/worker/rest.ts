import type { WorkerSample } from '../../protocol/metrics.ts';
import type { ToSupervisor } from '../../protocol/worker/messages.ts';
import { stillHolds } from './still-holds.ts';

/**
 * What a worker says once a period: its sample, or, when its supervisor lets it rest and nothing has
 * changed since the last one, a word now and then. Most workers do nothing in most seconds.
 */
export class Rest {
  /** 0: it may not be silent. */
  #forMs = 0;
  #told: WorkerSample | undefined;
  /** Since the last word; endless when a sample was the last. */
  #silentMs = Number.POSITIVE_INFINITY;

  allow(forMs: number): void {
    this.#forMs = forMs;
  }

  /** Another supervisor listens: it knows nothing yet, and may want to hear everything. */
  begin(): void {
    this.#forMs = 0;
    this.#told = undefined;
  }

  /** Undefined: nothing now. Who rests without a watchdog could be blocked, and nobody would say so. */
  wordFor(sample: WorkerSample, isWatched: boolean): ToSupervisor | undefined {
    const mayRest = this.#forMs > 0 && isWatched;
    if (!mayRest || this.#told === undefined || !stillHolds(this.#told, sample)) {
      this.#told = sample;
      this.#silentMs = Number.POSITIVE_INFINITY;
      return { type: 'sample', sample };
    }
    this.#silentMs += sample.periodMs;
    // The next period would end too late.
    if (this.#silentMs + sample.periodMs <= this.#forMs) return undefined;
    this.#silentMs = 0;
    return { type: 'rest' };
  }
}
