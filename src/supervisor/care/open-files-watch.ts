import type { WorkerProcess } from '../process/worker-process.ts';
import { readOpenFiles } from './open-files.ts';
import type { Replacements } from './replacements.ts';

/** The part of the limit from which on a worker is replaced. */
const line = 0.9;
const lookEveryMs = 10_000;

type Look = { readonly pid: number; readonly at: number; readonly wasBelow: boolean };

/**
 * Replaces workers that have nearly as many files open as they may: one that has none left accepts
 * nobody. Who had them from its start did not leak them, and the next one would have them too.
 */
export class OpenFilesWatch {
  readonly #replacements: Replacements;
  readonly #looks = new WeakMap<WorkerProcess, Look>();

  constructor(replacements: Replacements) {
    this.#replacements = replacements;
  }

  sampled(worker: WorkerProcess): void {
    const { pid } = worker;
    const at = performance.now();
    const known = this.#looks.get(worker);
    const before = known?.pid === pid ? known : undefined;
    if (before !== undefined && at < before.at + lookEveryMs) return;
    const files = readOpenFiles(pid);
    if (files === undefined) return;
    const isBelow = files.open < files.limit * line;
    this.#looks.set(worker, { pid, at, wasBelow: isBelow || (before?.wasBelow ?? false) });
    if (isBelow || !(before?.wasBelow ?? false)) return;
    void this.#replacements.replace(worker, {
      why: `it has ${files.open} of ${files.limit} files open`,
      severity: 'warning',
      end: 'drain',
    });
  }
}
