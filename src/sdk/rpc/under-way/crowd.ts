/** Remembers where it is in the one crowd that it may be in. */
export type Member = { place: number };

/** For whoever is in none yet. */
export const nowhere = -1;

/**
 * What is under way and will soon be over, in no order. A `Set` that lives long makes its table anew
 * as members come and go, and each old table holds the next one: what has survived one collection
 * then keeps alive all that ever came after it, until the old space is collected too. That is a
 * quarter of what a call costs. This one has one table, and says nothing of who was there.
 */
export class Crowd<T extends Member> {
  readonly #members: (T | undefined)[] = [];
  size = 0;

  has(member: T): boolean {
    return member.place >= 0 && this.#members[member.place] === member;
  }

  /** Once, however often it is said. */
  add(member: T): void {
    if (this.has(member)) return;
    member.place = this.size;
    this.#members[this.size] = member;
    this.size += 1;
  }

  /** Whether it was there. The last one takes its place. */
  delete(member: T): boolean {
    const { place } = member;
    if (!this.has(member)) return false;
    this.size -= 1;
    const last = this.#members[this.size];
    this.#members[place] = last;
    if (last !== undefined) last.place = place;
    this.#members[this.size] = undefined;
    member.place = nowhere;
    return true;
  }

  /** Those that are there now; who leaves meanwhile, or comes, changes nothing. */
  list(): readonly T[] {
    return this.#members.slice(0, this.size).filter((member) => member !== undefined);
  }
}
