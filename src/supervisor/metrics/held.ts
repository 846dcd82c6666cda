/**
 * Figures that hold for as long as what they were made of: of an app in which nothing happens, most of
 * them are those of the second before.
 */
export class Held<T> {
  readonly #known = new Map<string, { readonly of: readonly unknown[]; readonly value: T }>();

  /** Made anew unless it was made of the very same; undefined for what does not hold. */
  get(name: string, of: readonly unknown[] | undefined, make: () => T): T {
    const known = this.#known.get(name);
    if (known !== undefined && of !== undefined && isSame(known.of, of)) return known.value;
    const value = make();
    if (of === undefined) this.#known.delete(name);
    else this.#known.set(name, { of, value });
    return value;
  }

  clear(): void {
    this.#known.clear();
  }
}

const isSame = (before: readonly unknown[], now: readonly unknown[]): boolean =>
  before.length === now.length && before.every((each, index) => each === now[index]);
