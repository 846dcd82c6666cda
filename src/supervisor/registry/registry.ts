import type { RemoteService, RoutingTable } from '../../protocol/topology.ts';
import type { ToWorker } from '../../protocol/worker/messages.ts';
import { type Routed, routingTable } from './routing-table.ts';

type Listener = { send(message: ToWorker): void };

export type RegistrySources = {
  readonly workers: () => readonly (Routed & Listener)[];
  /** Those that route without being routed to. */
  readonly listeners: () => readonly Listener[];
  readonly groupOf: (service: string) => string | undefined;
  readonly remotes: () => readonly RemoteService[];
};

/** Tells every worker and the ingress where services answer, after each change. */
export class Registry {
  readonly #sources: RegistrySources;
  #generation = 0;
  #known: RoutingTable['services'] = {};
  #scheduled: NodeJS.Immediate | undefined;
  #isHeld = false;

  constructor(sources: RegistrySources) {
    this.#sources = sources;
  }

  /** Ten workers that come up in one turn of the loop make one push, not ten. */
  changed(): void {
    this.#generation += 1;
    this.#scheduled ??= setImmediate(() => this.#push());
  }

  tell(listener: Listener): void {
    if (!this.#isHeld) listener.send(this.#message());
  }

  /** Tells nobody anything until released: what is known is too little to route by. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#push();
  }

  close(): void {
    clearImmediate(this.#scheduled);
  }

  #push(): void {
    this.#scheduled = undefined;
    if (this.#isHeld) return;
    const message = this.#message();
    for (const worker of this.#sources.workers()) worker.send(message);
    for (const listener of this.#sources.listeners()) listener.send(message);
  }

  #message(): ToWorker {
    const { workers, groupOf, remotes } = this.#sources;
    const table = routingTable({
      generation: this.#generation,
      workers: workers(),
      groupOf,
      remotes: remotes(),
      known: this.#known,
    });
    this.#known = table.services;
    return { type: 'routes', table };
  }
}
