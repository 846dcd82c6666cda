import type { WorkerSample } from '../../protocol/metrics.ts';
import { spoken } from '../../protocol/topology.ts';
import type { WorkerProcess } from '../process/worker-process.ts';
import { type Conduct, conductOf, whyWorse } from './conduct.ts';

export type BakeParts = {
  readonly group: string;
  /** Out of routing, but at hand. */
  readonly old: readonly WorkerProcess[];
  readonly fresh: readonly WorkerProcess[];
  /** How the old ones answered. */
  readonly before: Conduct;
  readonly forMs: number;
  /** Called once: undefined when the new generation has proved itself, else why it has not. */
  readonly judged: (whyWorse: string | undefined) => void;
};

/** What a new worker is like before its code is warm says nothing about its P99. */
const warmMs = 5_000;
/** Answers that turn bad late must not be outnumbered by the good ones before. */
const recentSamples = 10;

/** Watches a new generation of workers for a while; a crash, or worse answers, condemn it. */
export class Bake implements Disposable {
  readonly #parts: BakeParts;
  readonly #startedAt = performance.now();
  readonly #samples: WorkerSample[] = [];
  readonly #warm: WorkerSample[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(parts: BakeParts) {
    this.#parts = parts;
    this.#timer = setTimeout(() => parts.judged(undefined), parts.forMs);
  }

  get group(): string {
    return this.#parts.group;
  }

  get old(): readonly WorkerProcess[] {
    return this.#parts.old;
  }

  get fresh(): readonly WorkerProcess[] {
    return this.#parts.fresh;
  }

  sampled(worker: WorkerProcess, sample: WorkerSample): void {
    const { fresh, before, judged } = this.#parts;
    if (!fresh.includes(worker)) return;
    this.#samples.push(sample);
    if (performance.now() - this.#startedAt > warmMs) this.#warm.push(sample);
    const recent = conductOf(this.#samples.slice(-recentSamples));
    const worse =
      whyWorse(before, { ...recent, p99Ms: 0 }) ?? whyWorse(before, conductOf(this.#warm));
    if (worse !== undefined) judged(worse);
  }

  crashed(worker: WorkerProcess): void {
    const { fresh, judged } = this.#parts;
    if (fresh.includes(worker)) judged(`${spoken(worker.id)} ended (${worker.lastCrash})`);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
