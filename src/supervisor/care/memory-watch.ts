import type { Bytes } from '../../protocol/units.ts';
import type { AppConfig } from '../config/app-config.ts';
import { memoryLimitOf } from '../process/memory-limit.ts';
import type { WorkerProcess } from '../process/worker-process.ts';
import { type MemorySample, memoryVerdict } from './memory-line.ts';
import type { Replacements } from './replacements.ts';

export type MemoryWatchParts = {
  readonly config: () => AppConfig;
  readonly replacements: Replacements;
};

/** What a process is judged by. */
const keptSamples = 60;

type Limit = { readonly config: AppConfig; readonly limit: Bytes | undefined };

type History = { readonly pid: number; readonly samples: MemorySample[] };

/** Replaces workers that come near to their memory limit, and ends those that pass it. */
export class MemoryWatch {
  readonly #parts: MemoryWatchParts;
  /** By the config that it was looked up in: a sample comes each second of each of hundreds. */
  readonly #limits = new WeakMap<WorkerProcess, Limit>();
  readonly #histories = new WeakMap<WorkerProcess, History>();

  constructor(parts: MemoryWatchParts) {
    this.#parts = parts;
  }

  sampled(worker: WorkerProcess, sample: MemorySample): void {
    const limit = this.#limitOf(worker);
    if (limit === undefined) return;
    const verdict = memoryVerdict(this.#remember(worker, sample), limit);
    if (verdict?.action === 'kill') worker.fail(verdict.reason);
    if (verdict?.action !== 'replace') return;
    void this.#parts.replacements.replace(worker, {
      why: verdict.reason,
      severity: 'warning',
      end: 'drain',
    });
  }

  #limitOf(worker: WorkerProcess): Bytes | undefined {
    const config = this.#parts.config();
    const known = this.#limits.get(worker);
    if (known?.config === config) return known.limit;
    const members = config.services.filter(({ name }) => worker.services.includes(name));
    const limit = memoryLimitOf(members, config.budget.memoryBytes);
    this.#limits.set(worker, { config, limit });
    return limit;
  }

  #remember(worker: WorkerProcess, sample: MemorySample): readonly MemorySample[] {
    const { pid } = worker;
    const known = this.#histories.get(worker);
    const history = known?.pid === pid ? known : { pid, samples: [] };
    this.#histories.set(worker, history);
    history.samples.push(sample);
    if (history.samples.length > keptSamples) history.samples.shift();
    return history.samples;
  }
}
