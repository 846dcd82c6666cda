/** What is to happen, soonest first: a binary heap without an allocation per entry. */
export class Agenda<T> {
  readonly #times: number[] = [];
  readonly #entries: T[] = [];

  get soonest(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  add(time: number, entry: T): void {
    const times = this.#times;
    const entries = this.#entries;
    let place = times.length;
    times.push(time);
    entries.push(entry);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = times[above] ?? 0;
      if (other <= time) break;
      times[place] = other;
      entries[place] = entries[above] as T;
      place = above;
    }
    times[place] = time;
    entries[place] = entry;
  }

  /** The soonest; only when there is one, which `soonest` tells. */
  take(): T {
    const times = this.#times;
    const entries = this.#entries;
    const taken = entries[0] as T;
    const time = times.pop() ?? 0;
    const entry = entries.pop() as T;
    if (times.length > 0) this.#sink(time, entry);
    return taken;
  }

  #sink(time: number, entry: T): void {
    const times = this.#times;
    const entries = this.#entries;
    const { length } = times;
    let place = 0;
    for (let below = 1; below < length; below = 2 * place + 1) {
      if (below + 1 < length && (times[below + 1] ?? 0) < (times[below] ?? 0)) below += 1;
      const other = times[below] ?? 0;
      if (other >= time) break;
      times[place] = other;
      entries[place] = entries[below] as T;
      place = below;
    }
    times[place] = time;
    entries[place] = entry;
  }
}
