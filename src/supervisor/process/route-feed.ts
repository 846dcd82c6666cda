import { isSameShare, type Routes } from '../registry/shares.ts';

/**
 * Tells one process of the routes: one table at a time, and when it goes by that, the newest. So a
 * process that is blocked, or slow among hundreds, has no pile of old tables to read first. One that
 * says nothing new to it is not sent.
 */
export class RouteFeed {
  readonly #send: (routes: Routes) => void;
  /** Generation of the newest table that it goes by, be it that nothing of that is new to it. */
  taken = -1;
  #sent: Routes | undefined;
  /** Of the newest table that says what was sent last. */
  #sentUpTo = -1;
  #isUnderWay = false;
  #next: Routes | undefined;

  constructor(send: (routes: Routes) => void) {
    this.#send = send;
  }

  /** On a new connection nothing is under way. */
  begin(): void {
    this.taken = -1;
    this.#sent = undefined;
    this.#sentUpTo = -1;
    this.#isUnderWay = false;
    this.#next = undefined;
  }

  offer(routes: Routes): void {
    const { generation } = routes.table;
    if (generation <= this.#sentUpTo) return;
    if (this.#sent !== undefined && isSameShare(this.#sent.table, routes.table)) {
      this.#sentUpTo = generation;
      if (!this.#isUnderWay) this.taken = generation;
    } else if (this.#isUnderWay) {
      this.#next = routes;
    } else {
      this.#sent = routes;
      this.#sentUpTo = generation;
      this.#isUnderWay = true;
      this.#send(routes);
    }
  }

  take(generation: number): void {
    if (generation !== this.#sent?.table.generation) return;
    this.#isUnderWay = false;
    this.taken = this.#sentUpTo;
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined) this.offer(next);
  }
}
