import type { Group } from './group.ts';
import type { Request } from './request.ts';

export type WorkerStatus = 'starting' | 'ready' | 'draining' | 'stopped';

/** One process: an event loop that does one slice after the other, first come, first served. */
export class Worker {
  readonly group: Group;
  readonly startedAt: number;
  status: WorkerStatus;
  /** Requests that it has taken and not answered. */
  pending = 0;
  running: Request | undefined;
  /** When the loop began what it does now, or when that was last counted. */
  since = 0;
  /** Part of the slice that the process has a core for. */
  coreShare = 1;
  /** Since the last sample. */
  busyMs = 0;
  starvedMs = 0;
  /** Held by something that is no request: nothing else runs until then. */
  blockedUntil = 0;
  isHeld = false;
  readonly #queue: Request[] = [];
  #head = 0;

  constructor(group: Group, startedAt: number, status: WorkerStatus) {
    this.group = group;
    this.startedAt = startedAt;
    this.status = status;
  }

  enqueue(request: Request): void {
    this.#queue.push(request);
  }

  nextInLine(): Request | undefined {
    const next = this.#queue[this.#head];
    if (next === undefined) return undefined;
    this.#head += 1;
    if (this.#head > 1_000 && this.#head * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    return next;
  }

  /** Counts the time up to now. */
  account(now: number): void {
    const passed = now - this.since;
    this.since = now;
    if (this.running === undefined && !this.isHeld) return;
    this.busyMs += passed;
    this.starvedMs += passed * (1 - this.coreShare);
  }
}
