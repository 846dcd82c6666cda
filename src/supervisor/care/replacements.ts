import type { TimelineEvent } from '../../protocol/control/messages.ts';
import type { Severity } from '../../protocol/severity.ts';
import type { WorkerProcess } from '../process/worker-process.ts';
import { workerEvent } from '../watch/worker-events.ts';
import { Allowance } from './allowance.ts';

export type ReplacementsParts = {
  /** Starts another worker in its place, then ends it. */
  readonly replace: (worker: WorkerProcess, end: 'drain' | 'kill') => Promise<void>;
  readonly onEvent: (event: TimelineEvent) => void;
};

/** Of whom something is told. */
export type Told = Pick<WorkerProcess, 'id' | 'group' | 'services'>;

export type Replacement = {
  readonly why: string;
  readonly severity: Severity;
  readonly end: 'drain' | 'kill';
};

/** Puts new workers into the place of ailing ones: each once, and those of a group not too often. */
export class Replacements {
  readonly #parts: ReplacementsParts;
  readonly #running = new Set<WorkerProcess>();
  readonly #allowances = new Map<string, Allowance>();

  constructor(parts: ReplacementsParts) {
    this.#parts = parts;
  }

  async replace(worker: WorkerProcess, { why, severity, end }: Replacement): Promise<void> {
    if (worker.status !== 'ready' || this.#running.has(worker)) return;
    const allowance = this.#allowanceOf(worker);
    if (!allowance.take()) return;
    this.#running.add(worker);
    this.tell(worker, severity, `is replaced, since ${why}`);
    try {
      await this.#parts.replace(worker, end);
      allowance.succeeded();
    } catch (error) {
      allowance.failed();
      const problem = error instanceof Error ? error.message : String(error);
      this.tell(worker, 'critical', `could not be replaced: ${problem}`);
    } finally {
      this.#running.delete(worker);
    }
  }

  tell(worker: Told, severity: Severity, what: string): void {
    this.#parts.onEvent(workerEvent(worker, severity, what));
  }

  #allowanceOf({ group }: WorkerProcess): Allowance {
    const known = this.#allowances.get(group) ?? new Allowance();
    this.#allowances.set(group, known);
    return known;
  }
}
