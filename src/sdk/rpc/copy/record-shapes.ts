/** Copies a record whose keys are known; what it holds is that much deeper. */
export type Copier = (record: object, depth: number) => unknown;

/** The keys of a record in their order, as far as they have been read. */
class Shape {
  readonly names: readonly string[];
  /** Most have one successor: it is found without a table. */
  key: string | undefined;
  next: Shape | undefined;
  others: Map<string, Shape> | undefined;
  seen = 0;
  copier: Copier | undefined;

  constructor(names: readonly string[]) {
    this.names = names;
  }

  after(key: string): Shape | undefined {
    return this.key === key ? this.next : this.others?.get(key);
  }
}

const mostShapes = 2_000;
const mostNames = 64;
/** To make a copier costs as much as some hundred copies without one. */
const seenOften = 100;
const forgottenAfter = 1_000_000;

/**
 * Makes copiers of the records that come again and again. It learns one key more with each record
 * that it does not know, so that tables with keys of their own each do not fill it at once; when it
 * is full it begins anew after a million records in vain.
 */
export class RecordShapes {
  readonly #make: (names: readonly string[]) => Copier | undefined;
  #root = new Shape([]);
  #count = 0;
  #inVain = 0;

  constructor(make: (names: readonly string[]) => Copier | undefined) {
    this.#make = make;
  }

  /** Undefined when it had better be copied key by key. */
  copierOf(record: object): Copier | undefined {
    let shape = this.#root;
    for (const key in record) {
      const next = shape.key === key ? shape.next : shape.after(key);
      if (next === undefined) {
        if (Object.hasOwn(record, key)) this.#learn(shape, key);
        return undefined;
      }
      shape = next;
    }
    return shape.copier ?? this.#consider(shape);
  }

  #consider(shape: Shape): Copier | undefined {
    shape.seen += 1;
    if (shape.seen === seenOften) shape.copier = this.#make(shape.names);
    return shape.copier;
  }

  #learn(shape: Shape, key: string): void {
    if (shape.names.length >= mostNames) return;
    if (this.#count >= mostShapes) {
      this.#inVain += 1;
      if (this.#inVain >= forgottenAfter) this.#forget();
      return;
    }
    this.#count += 1;
    const next = new Shape([...shape.names, key]);
    if (shape.next === undefined) {
      shape.key = key;
      shape.next = next;
    } else {
      shape.others ??= new Map();
      shape.others.set(key, next);
    }
  }

  #forget(): void {
    this.#root = new Shape([]);
    this.#count = 0;
    this.#inVain = 0;
  }
}
