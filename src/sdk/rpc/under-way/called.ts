/** Has a number that somebody else gave it, and remembers what is behind it in the one table it may be in. */
export type Called<T> = { readonly id: number; behind: T | undefined; isListed: boolean };

const atFirst = 64;

/**
 * What is under way by a number that a peer gave it: found at once, whoever else is there. Those
 * whose numbers have one place stand in a row; of a `Map` the old tables would keep alive what came
 * after them: see `Crowd`. Numbers that come again are the peer's business: the last one is found.
 */
export class CalledTable<T extends Called<T>> {
  /** A power of two of them; the first of each row. */
  #rows: (T | undefined)[] = rowsFor(atFirst);
  size = 0;

  /** Once, however often it is said. */
  add(item: T): void {
    if (item.isListed) return;
    if (this.size >= this.#rows.length) this.#grow();
    item.isListed = true;
    this.#put(item);
    this.size += 1;
  }

  find(id: number): T | undefined {
    let item = this.#rows[this.#rowOf(id)];
    while (item !== undefined && item.id !== id) item = item.behind;
    return item;
  }

  /** Whether it was there. */
  delete(item: T): boolean {
    if (!item.isListed) return false;
    const row = this.#rowOf(item.id);
    let before = this.#rows[row];
    if (before === item) this.#rows[row] = item.behind;
    else {
      while (before !== undefined && before.behind !== item) before = before.behind;
      // It is in another table.
      if (before === undefined) return false;
      before.behind = item.behind;
    }
    item.behind = undefined;
    item.isListed = false;
    this.size -= 1;
    return true;
  }

  /** Those that are there now; who leaves meanwhile, or comes, changes nothing. */
  list(): readonly T[] {
    const all: T[] = [];
    for (let item of this.#rows) {
      for (; item !== undefined; item = item.behind) all.push(item);
    }
    return all;
  }

  #rowOf(id: number): number {
    return id & (this.#rows.length - 1);
  }

  #put(item: T): void {
    const row = this.#rowOf(item.id);
    item.behind = this.#rows[row];
    this.#rows[row] = item;
  }

  #grow(): void {
    // In their rows those who came last are first, and are to be so again.
    const items = this.list().toReversed();
    this.#rows = rowsFor(this.#rows.length * 2);
    for (const item of items) this.#put(item);
  }
}

const rowsFor = (count: number): undefined[] => new Array<undefined>(count).fill(undefined);
