import type { RemoteService, RoutingTable, ServiceConfig } from '../../protocol/topology.ts';
import type { ToWorker } from '../../protocol/worker/messages.ts';
import { runClock } from '../process/own-environment.ts';
import type { StoppedServices } from '../topology/placement.ts';
import { type Choosing, type Routed, routingTable } from './routing-table.ts';

type Listener = {
  send(message: ToWorker): void;
  /** Whether it hears anything now. */
  readonly isLinked: boolean;
  /** Generation of the table that it goes by. */
  readonly routed: number;
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
    const oldest = Math.min(
      ...this.#listeners()
        .filter(({ isLinked }) => isLinked)
        .map(({ routed }) => routed),
    );
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
    const message = this.#message();
    for (const listener of this.#listeners()) listener.send(message);
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

  #message(): ToWorker {
    const { table } = this;
    this.#known = table.services;
    return { type: 'routes', table };
  }

  get table(): RoutingTable {
    const { workers, groupOf, config, stopped } = this.#sources;
    const { services, remotes } = config();
    const table = routingTable({
      generation: this.#generation,
      workers: workers(),
      groupOf,
      choosingOf: (service) => services.find(({ name }) => name === service),
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
