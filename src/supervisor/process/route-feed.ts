import type { ToWorker } from '../../protocol/worker/messages.ts';

export type Routes = Extract<ToWorker, { readonly type: 'routes' }>;

/**
 * Tells one process of the routes: one table at a time, and when it goes by that, the newest. So a
 * process that is blocked, or slow among hundreds, has no pile of old tables to read first.
 */
export class RouteFeed {
  readonly #send: (routes: Routes) => void;
  /** Generation of the table that it goes by. */
  taken = -1;
  #sent = -1;
  #next: Routes | undefined;

  constructor(send: (routes: Routes) => void) {
    this.#send = send;
  }

  /** On a new connection nothing is under way. */
  begin(): void {
    this.taken = -1;
    this.#sent = -1;
    this.#next = undefined;
  }

  offer(routes: Routes): void {
    const { generation } = routes.table;
    if (generation <= this.#sent) return;
    if (this.#sent > this.taken) {
      this.#next = routes;
      return;
    }
    this.#sent = generation;
    this.#send(routes);
  }

  take(generation: number): void {
    this.taken = generation;
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined) this.offer(next);
  }
}
