import { type Priority, priorities } from '../../../protocol/contract.ts';

export type Standing = {
  readonly priority: Priority;
  readonly since: number;
  readonly admit: () => void;
  readonly refuse: () => void;
};

/**
 * Those who wait to be admitted. The more important go first. Among equals it is the first come, or
 * the last come under overload: who has waited long there is not served in time.
 */
export class Line {
  readonly #byPriority: Readonly<Record<Priority, Standing[]>> = { high: [], normal: [], low: [] };
  readonly #most: number;
  #length = 0;
  #startedAt = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get length(): number {
    return this.#length;
  }

  /** Since when it has not been empty. */
  get startedAt(): number {
    return this.#startedAt;
  }

  /** Takes a place; when there is none, that of somebody who is less important. */
  join(standing: Standing): void {
    if (this.#length === 0) this.#startedAt = standing.since;
    if (this.#length >= this.#most && !this.#makeRoom(standing.priority)) {
      standing.refuse();
      return;
    }
    this.#byPriority[standing.priority].push(standing);
    this.#length += 1;
  }

  /** Admits the next one; false when nobody waits. */
  admit(order: 'first' | 'last'): boolean {
    for (const priority of priorities.toReversed()) {
      const all = this.#byPriority[priority];
      const next = order === 'last' ? all.pop() : all.shift();
      if (next === undefined) continue;
      this.#length -= 1;
      next.admit();
      return true;
    }
    return false;
  }

  /** Refuses all who have come before this moment. */
  expire(before: number): void {
    for (const all of Object.values(this.#byPriority)) {
      while (all[0] !== undefined && all[0].since < before) {
        this.#length -= 1;
        all.shift()?.refuse();
      }
    }
  }

  #makeRoom(priority: Priority): boolean {
    const lesser = priorities.slice(0, priorities.indexOf(priority));
    const crowd = lesser.map((each) => this.#byPriority[each]).find(({ length }) => length > 0);
    if (crowd === undefined) return false;
    this.#length -= 1;
    crowd.pop()?.refuse();
    return true;
  }
}
