import type { ServiceConfig } from '../../protocol/topology.ts';
import { seconds } from '../../protocol/units.ts';
import { isStopped } from '../../sdk/channel/process-start.ts';
import type { WorkerProcess } from '../process/worker-process.ts';
import type { Blocked } from '../process/worker-watcher.ts';
import type { Replacements } from './replacements.ts';

export type LivenessParts = {
  readonly workers: () => readonly WorkerProcess[];
  readonly configs: () => readonly ServiceConfig[];
  readonly replacements: Replacements;
};

const lookEveryMs = 500;
/** Who is heard every second, and on time, is not looked at. */
const lateMs = 1_250;
/** A loop that is blocked says so; one that says nothing at all for so long belongs to a process
 * that does not run. */
const silentMs = seconds(5);

/** Keeps traffic away from workers that do not answer, and replaces those that stay so. */
export class Liveness implements Disposable {
  readonly #parts: LivenessParts;
  readonly #timer: NodeJS.Timeout;
  #lookedAt = performance.now();
  /** Those of whom nothing was heard; of the others their watchdog says when it is over. */
  readonly #missed = new WeakSet<WorkerProcess>();

  constructor(parts: LivenessParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
  }

  /** Its watchdog says so. */
  blocked(worker: WorkerProcess, blocked: Blocked): void {
    this.#missed.delete(worker);
    this.#avoid(worker, blocked);
  }

  #avoid(worker: WorkerProcess, blocked: Blocked): void {
    if (worker.status !== 'ready') return;
    if (worker.blocked === undefined) {
      const forS = (blocked.forMs / 1_000).toFixed(1);
      this.#parts.replacements.tell(
        worker,
        'warning',
        `does not answer for ${forS} s: ${blocked.stack}`,
      );
    }
    worker.setBlocked(blocked);
    if (blocked.forMs < this.#replaceAfterMs(worker)) return;
    void this.#parts.replacements.replace(worker, {
      why: 'it does not answer',
      severity: 'critical',
      end: 'kill',
    });
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
      if (worker.isLinked) worker.rest.look(worker.heardAt, now);
      const forMs = now - worker.heardAt;
      if (forMs >= lateMs) this.#late(worker, forMs);
      else if (this.#missed.delete(worker)) worker.setBlocked(undefined);
    }
  }

  #late(worker: WorkerProcess, forMs: number): void {
    const stopped = isStopped(worker.pid);
    // Who cannot open a file accepts nobody either, and hears nothing of those who dial again.
    if (stopped === undefined) worker.heardAt += lookEveryMs;
    if (stopped === undefined || !(stopped || forMs > silentMs)) return;
    this.#missed.add(worker);
    this.#avoid(worker, {
      forMs,
      stack: stopped ? 'its process is stopped' : 'nothing is heard of it',
    });
  }
}
