import type { WorkerSample } from '../../protocol/metrics.ts';
import type { Millis } from '../../protocol/units.ts';
import { outstandingIn, WorkerWindow } from './window.ts';

/** What all workers said over the last minute. */
export class Samples {
  readonly #workers = new Map<string, WorkerWindow>();
  /** Of each callee; known until the next sample. */
  #outstanding: ReadonlyMap<string, number> | undefined;

  add(workerId: string, sample: WorkerSample, at: number): void {
    const window = this.of(workerId) ?? new WorkerWindow();
    this.#workers.set(workerId, window);
    window.add(sample, at);
    this.#outstanding = undefined;
  }

  /** The clock was set by so much. */
  shift(byMs: Millis): void {
    for (const window of this.#workers.values()) window.shift(byMs);
  }

  /** Forgets workers that are no more; whether there were any. */
  keepOnly(workerIds: ReadonlySet<string>): boolean {
    const gone = this.ids.filter((id) => !workerIds.has(id));
    for (const id of gone) this.#workers.delete(id);
    if (gone.length > 0) this.#outstanding = undefined;
    return gone.length > 0;
  }

  get ids(): readonly string[] {
    return [...this.#workers.keys()];
  }

  of(workerId: string): WorkerWindow | undefined {
    return this.#workers.get(workerId);
  }

  /** Calls of a service that its callers wait for. */
  outstandingOf(service: string): number {
    this.#outstanding ??= outstandingIn([...this.#workers.values()]);
    return this.#outstanding.get(service) ?? 0;
  }

  /** What each of these said, if each has said the same since then: undefined if one works. */
  sameSince(workers: readonly { readonly id: string }[], at: number, from: number) {
    const said: WorkerSample[] = [];
    for (const { id } of workers) {
      const window = this.of(id);
      const sample = window?.sameSince(from);
      if (sample === undefined || window?.isSilent(at)) return undefined;
      said.push(sample);
    }
    return said.length === 0 ? undefined : said;
  }
}
