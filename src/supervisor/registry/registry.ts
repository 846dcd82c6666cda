import type { RemoteService, RoutingTable, ServiceConfig } from '../../protocol/topology.ts';
import { runClock } from '../process/own-environment.ts';
import type { RouteFeed, Routes } from '../process/route-feed.ts';
import type { StoppedServices } from '../topology/placement.ts';
import { type Choosing, type Routed, routingTable } from './routing-table.ts';

type Listener = {
  readonly routes: RouteFeed;
  /** Whether it hears anything now. */
  readonly isLinked: boolean;
};

/** Who may call others, and how it proves who it is. */
type Speaking = {
  readonly id: string;
  readonly key?: string | undefined;
};

type Waiting = { readonly generation: number; readonly then: () => void };

export type RegistrySources = {
  readonly workers: () => readonly (Routed & Listener & Speaking)[];
  /** Those that route without being routed to. */
  readonly listeners: () => readonly (Listener & Speaking)[];
  readonly groupOf: (service: string) => string | undefined;
  readonly stopped: () => StoppedServices;
  readonly config: () => {
    readonly services: readonly (Choosing & Pick<ServiceConfig, 'name'>)[];
    readonly remotes: readonly RemoteService[];
  };
};

const tellLimitMs = 1_000;

/** Tells every worker and the ingress where services answer, after each change. */
export class Registry {
  readonly #sources: RegistrySources;
  #generation = 0;
  #known: RoutingTable['services'] = {};
  #latest: Routes | undefined;
  #scheduled: NodeJS.Immediate | undefined;
  #isHeld = false;
  #waiting: readonly Waiting[] = [];

  constructor(sources: RegistrySources) {
    this.#sources = sources;
  }

  /** Ten workers that come up in one turn of the loop make one push, not ten. */
  changed(): void {
    this.#generation += 1;
    this.#scheduled ??= setImmediate(() => this.#push());
  }

  tell(listener: Listener): void {
    if (!this.#isHeld) listener.routes.offer(this.#routes());
  }

  /** Tells nobody anything until released: what is known is too little to route by. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#push();
  }

  /** Calls back when everyone who routes goes by what is known now. */
  whenTaken(then: () => void): void {
    this.#waiting = [...this.#waiting, { generation: this.#generation, then }];
  }

  /**
   * Resolves when everyone who routes goes by what is known now, so that who asks next finds it; or
   * after a second, as one of them may be blocked.
   */
  told(): Promise<void> {
    return new Promise((resolve) => {
      const limit = setTimeout(resolve, tellLimitMs);
      this.whenTaken(() => {
        clearTimeout(limit);
        resolve();
      });
      this.taken();
    });
  }

  /** Someone has taken up a table, or listens no more. */
  taken(): void {
    if (this.#waiting.length === 0) return;
    const linked = this.#listeners().filter(({ isLinked }) => isLinked);
    const oldest = Math.min(...linked.map(({ routes }) => routes.taken));
    const done = this.#waiting.filter(({ generation }) => generation <= oldest);
    this.#waiting = this.#waiting.filter(({ generation }) => generation > oldest);
    for (const { then } of done) then();
  }

  close(): void {
    clearImmediate(this.#scheduled);
  }

  #push(): void {
    this.#scheduled = undefined;
    if (this.#isHeld) return;
    const routes = this.#routes();
    for (const listener of this.#listeners()) listener.routes.offer(routes);
  }

  #speakers(): NonNullable<RoutingTable['speakers']> {
    const { workers, listeners } = this.#sources;
    const own = workers().map((each) => ({ ...said(each), services: each.services }));
    const fronts = listeners().map((each) => ({ ...said(each), services: ['ingress'] }));
    const here = [...own, ...fronts].filter(({ hasSpoken }) => hasSpoken);
    return Object.fromEntries(
      here.map(({ id, key, services }) => [
        id,
        key === undefined ? { services } : { key, services },
      ]),
    );
  }

  #listeners(): readonly Listener[] {
    return [...this.#sources.workers(), ...this.#sources.listeners()];
  }

  /** Made once for each generation: of hundreds that start, each is told it by itself as well. */
  #routes(): Routes {
    if (this.#latest?.table.generation === this.#generation) return this.#latest;
    const { table } = this;
    this.#known = table.services;
    this.#latest = { type: 'routes', table };
    return this.#latest;
  }

  get table(): RoutingTable {
    const { workers, groupOf, config, stopped } = this.#sources;
    const { services, remotes } = config();
    const table = routingTable({
      generation: this.#generation,
      workers: workers(),
      groupOf,
      choosingOf: (service) => services.find(({ name }) => name === service),
      order: services.map(({ name }) => name),
      remotes,
      known: this.#known,
      stopped: stopped(),
    });
    return { ...table, clock: runClock(), speakers: this.#speakers() };
  }
}

/** Who has not said hello calls nobody yet; one of an earlier version did so without a key. */
const said = ({ id, key, isLinked }: Speaking & Listener) => ({
  id,
  key,
  hasSpoken: isLinked || key !== undefined,
});
