/** Is given a number, and keeps it. */
export type Item = { id: number };

const atFirst = 64;
const mostNumbers = 2 ** 32;

/**
 * What is under way by its number, which comes again only after four billion others. A `Map` would
 * do, but for what its old tables keep alive: see `Crowd`. The number says where in the table an
 * item is; one whose place is taken by an item that has been there for long is left out.
 */
export class Numbered<T extends Item> {
  /** A power of two of them, of which at most half are taken. */
  #places: (T | undefined)[] = placesFor(atFirst);
  #next: number;
  size = 0;

  constructor(first = 1) {
    this.#next = first;
  }

  /** The number it gets. */
  add(item: T): number {
    if (this.size * 2 >= this.#places.length) this.#grow();
    const mask = this.#places.length - 1;
    let id = this.#next;
    while (id === 0 || this.#places[id & mask] !== undefined) id = (id + 1) % mostNumbers;
    item.id = id;
    this.#places[id & mask] = item;
    this.#next = (id + 1) % mostNumbers;
    this.size += 1;
    return id;
  }

  /** Takes it out. */
  take(id: number): T | undefined {
    const place = id & (this.#places.length - 1);
    const item = this.#places[place];
    if (item?.id !== id) return undefined;
    this.#places[place] = undefined;
    this.size -= 1;
    return item;
  }

  list(): readonly T[] {
    return this.#places.filter((item) => item !== undefined);
  }

  /** Two whose places differed have different ones in a larger table as well. */
  #grow(): void {
    const items = this.list();
    this.#places = placesFor(this.#places.length * 2);
    for (const item of items) this.#places[item.id & (this.#places.length - 1)] = item;
  }
}

const placesFor = (count: number): undefined[] => new Array<undefined>(count).fill(undefined);
