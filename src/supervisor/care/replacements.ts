import type { TimelineEvent } from '../../protocol/control/messages.ts';
import type { Severity } from '../../protocol/severity.ts';
import { seconds } from '../../protocol/units.ts';
import type { WorkerProcess } from '../process/worker-process.ts';
import { workerEvent } from '../watch/worker-events.ts';

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

/** Replacing a group's workers more often would only make it busier. */
const most = 5;
const periodMs = seconds(60);

/** Puts new workers into the place of ailing ones: each once, and those of a group not too often. */
export class Replacements {
  readonly #parts: ReplacementsParts;
  readonly #running = new Set<WorkerProcess>();
  readonly #lately = new Map<string, readonly number[]>();

  constructor(parts: ReplacementsParts) {
    this.#parts = parts;
  }

  async replace(worker: WorkerProcess, { why, severity, end }: Replacement): Promise<void> {
    if (worker.status !== 'ready' || this.#running.has(worker)) return;
    if (!this.#mayReplace(worker)) return;
    this.#running.add(worker);
    this.tell(worker, severity, `is replaced, since ${why}`);
    try {
      await this.#parts.replace(worker, end);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.tell(worker, 'critical', `could not be replaced: ${problem}`);
    } finally {
      this.#running.delete(worker);
    }
  }

  tell(worker: Told, severity: Severity, what: string): void {
    this.#parts.onEvent(workerEvent(worker, severity, what));
  }

  #mayReplace({ group }: WorkerProcess): boolean {
    const now = performance.now();
    const lately = (this.#lately.get(group) ?? []).filter((at) => at > now - periodMs);
    if (lately.length >= most) return false;
    this.#lately.set(group, [...lately, now]);
    return true;
  }
}
