import { readdirSync, readFileSync } from 'node:fs';
import { statOf } from '../../sdk/channel/process-start.ts';

export type Usage = {
  readonly periodMs: number;
  /** 0–100 of one core; more when several cores are used. */
  readonly cpu: number;
  readonly rssBytes: number;
};

/** The unit of CPU time in /proc, the same on every Linux. */
const msPerTick = 10;

/** A process with all that it started, as /proc tells. */
export class ProcessTree {
  readonly #root: number;
  #cpuMs: number;
  #at = performance.now();

  constructor(root: number) {
    this.#root = root;
    this.#cpuMs = cpuMsOf(this.#members());
  }

  has(pid: number): boolean {
    return this.#members().includes(pid);
  }

  /** Since the last time that it was asked. */
  take(): Usage {
    const members = this.#members();
    const cpuMs = cpuMsOf(members);
    const at = performance.now();
    const periodMs = Math.max(1, at - this.#at);
    // A child that nobody waited for takes its time along.
    const spentMs = Math.max(0, cpuMs - this.#cpuMs);
    this.#cpuMs = cpuMs;
    this.#at = at;
    return {
      periodMs,
      cpu: (spentMs / periodMs) * 100,
      rssBytes: members.reduce((sum, pid) => sum + rssBytesOf(pid), 0),
    };
  }

  #members(): readonly number[] {
    const members = [this.#root];
    for (const pid of members) members.push(...childrenOf(pid));
    return members;
  }
}

export const childrenOf = (pid: number): readonly number[] =>
  attempt(() => readdirSync(`/proc/${pid}/task`), [])
    .map((thread) =>
      attempt(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'), ''),
    )
    .flatMap((children) => children.trim().split(' '))
    .filter((child) => child !== '')
    .map(Number);

/** Its own time, and that of its children which have ended. */
const cpuMsOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + ticksOf(pid) * msPerTick, 0);

const ticksOf = (pid: number): number =>
  statOf(pid)
    .slice(11, 15)
    .reduce((sum, ticks) => sum + Number(ticks), 0);

const rssBytesOf = (pid: number): number => {
  const status = attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8'), '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024;
};

/** Processes end while we look. */
const attempt = <T>(read: () => T, otherwise: T): T => {
  try {
    return read();
  } catch {
    return otherwise;
  }
};
