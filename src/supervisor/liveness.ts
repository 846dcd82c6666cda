import type { TimelineEvent } from '../protocol/control/messages.ts';
import type { Severity } from '../protocol/severity.ts';
import type { ServiceConfig } from '../protocol/topology.ts';
import { seconds } from '../protocol/units.ts';
import { isStopped } from '../sdk/channel/process-start.ts';
import type { Blocked, WorkerProcess } from './process/worker-process.ts';

export type LivenessParts = {
  readonly workers: () => readonly WorkerProcess[];
  readonly configs: () => readonly ServiceConfig[];
  /** Starts another worker in its place, then ends it. */
  readonly replace: (worker: WorkerProcess) => Promise<void>;
  readonly onEvent: (event: TimelineEvent) => void;
};

const lookEveryMs = 500;
/** A loop that is blocked says so; one that says nothing at all for so long belongs to a process
 * that does not run. */
const silentMs = seconds(5);
/** Replacing a group's workers more often would only make it busier. */
const mostReplacements = 5;
const replacementsPeriodMs = seconds(60);

/** Keeps traffic away from workers that do not answer, and replaces those that stay so. */
export class Liveness implements Disposable {
  readonly #parts: LivenessParts;
  readonly #timer: NodeJS.Timeout;
  readonly #replacing = new Set<WorkerProcess>();
  readonly #replaced = new Map<string, number[]>();
  #lookedAt = performance.now();

  constructor(parts: LivenessParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
  }

  blocked(worker: WorkerProcess, blocked: Blocked): void {
    if (worker.status !== 'ready') return;
    if (worker.blocked === undefined) {
      const forS = (blocked.forMs / 1_000).toFixed(1);
      this.#tell(worker, 'warning', `does not answer for ${forS} s: ${blocked.stack}`);
    }
    worker.setBlocked(blocked);
    if (blocked.forMs >= this.#replaceAfterMs(worker)) void this.#replace(worker);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #replaceAfterMs({ services }: WorkerProcess): number {
    const members = this.#parts.configs().filter(({ name }) => services.includes(name));
    return Math.max(...members.map(({ health }) => health.replaceAfter));
  }

  #look(): void {
    const now = performance.now();
    const wasAway = now - this.#lookedAt > lookEveryMs * 4;
    this.#lookedAt = now;
    for (const worker of this.#parts.workers()) {
      // Who was stopped itself has heard nobody meanwhile.
      if (wasAway) worker.heardAt = now;
      const forMs = now - worker.heardAt;
      if (worker.status !== 'ready' || forMs < lookEveryMs * 2) continue;
      if (isStopped(worker.pid)) this.blocked(worker, { forMs, stack: 'its process is stopped' });
      else if (forMs > silentMs) this.blocked(worker, { forMs, stack: 'nothing is heard of it' });
    }
  }

  async #replace(worker: WorkerProcess): Promise<void> {
    if (this.#replacing.has(worker) || !this.#mayReplace(worker)) return;
    this.#replacing.add(worker);
    this.#tell(worker, 'critical', 'is replaced, since it does not answer');
    try {
      await this.#parts.replace(worker);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#tell(worker, 'critical', `could not be replaced: ${why}`);
    } finally {
      this.#replacing.delete(worker);
    }
  }

  #mayReplace({ group }: WorkerProcess): boolean {
    const now = performance.now();
    const lately = (this.#replaced.get(group) ?? []).filter(
      (at) => at > now - replacementsPeriodMs,
    );
    if (lately.length >= mostReplacements) return false;
    this.#replaced.set(group, [...lately, now]);
    return true;
  }

  #tell(worker: WorkerProcess, severity: Severity, what: string): void {
    this.#parts.onEvent({
      at: new Date().toISOString(),
      kind: 'worker',
      severity,
      service: worker.services.length === 1 ? (worker.services[0] ?? worker.group) : worker.group,
      text: `${worker.id} ${what}`,
    });
  }
}
