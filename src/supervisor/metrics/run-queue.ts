import { readFileSync } from 'node:fs';

type Reading = { readonly waitedNs: number; readonly at: number };

const keptMs = 60_000;

/** How long processes wait for a core: it tells a starved machine from a slow service. */
export class RunQueue {
  /** The one read longest ago first. */
  readonly #before = new Map<number, Reading>();

  /** Run-queue wait over wall time since the last reading, 0–1; 0 for the first one in a minute. */
  starvation(pid: number, at: number): number {
    this.#forget(at);
    const waitedNs = waitOf(pid);
    const before = this.#before.get(pid);
    this.#before.delete(pid);
    if (waitedNs === undefined) return 0;
    this.#before.set(pid, { waitedNs, at });
    if (before === undefined || at <= before.at) return 0;
    return Math.min(1, (waitedNs - before.waitedNs) / 1e6 / (at - before.at));
  }

  /** Of processes that ended, and of those that were idle for so long that a mean says nothing. */
  #forget(at: number): void {
    for (const [pid, reading] of this.#before) {
      if (reading.at > at - keptMs) return;
      this.#before.delete(pid);
    }
  }
}

/** Second field of /proc/PID/schedstat: nanoseconds spent runnable, but not running. */
const waitOf = (pid: number): number | undefined => {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]);
  } catch {
    // The process has ended.
    return undefined;
  }
};
