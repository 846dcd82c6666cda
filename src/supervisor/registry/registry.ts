import { isDeepStrictEqual } from 'node:util';
import type { RemoteService, RoutingTable, ServiceConfig } from '../../protocol/topology.ts';
import { runClock } from '../process/own-environment.ts';
import type { RouteFeed } from '../process/route-feed.ts';
import type { StoppedServices } from '../topology/placement.ts';
import { type Choosing, type Routed, routingTable } from './routing-table.ts';
import { type Callers, callersOf, isSameRecord, type Needs, Shares } from './shares.ts';

type Listener = {
  readonly routes: RouteFeed;
  /** Whether it hears anything now. */
  readonly isLinked: boolean;
};

/** Who may call others, and how it proves who it is. */
type Speaking = Needs & {
  readonly id: string;
  readonly key?: string | undefined;
};

type Speakers = NonNullable<RoutingTable['speakers']>;

type Known = { readonly table: RoutingTable; readonly shares: Shares };

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
  /** Services of which something has changed since the last table; undefined: of all. */
  #stale: Set<string> | undefined;
  #latest: Known | undefined;
  #speakers: Speakers = {};
  #callers: Callers = callersOf([]);
  #scheduled: NodeJS.Immediate | undefined;
  #isHeld = false;
  #waiting: readonly Waiting[] = [];

  constructor(sources: RegistrySources) {
    this.#sources = sources;
  }

  /**
   * Something of this worker, or of whatever there is. Ten workers that come up in one turn of the
   * loop make one push, not ten.
   */
  changed(worker?: Pick<Routed, 'services'>): void {
    this.#generation += 1;
    if (worker === undefined) this.#stale = undefined;
    else for (const service of worker.services) this.#stale?.add(service);
    this.#scheduled ??= setImmediate(() => this.#push());
  }

  tell(listener: Listener & Needs): void {
    if (!this.#isHeld) listener.routes.offer(this.#made().shares.of(listener));
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
    const { shares } = this.#made();
    for (const listener of this.#listeners()) listener.routes.offer(shares.of(listener));
    // Those to whom it is no news have taken it up.
    this.taken();
  }

  #listeners(): readonly (Listener & Needs)[] {
    return [...this.#sources.workers(), ...this.#sources.listeners()];
  }

  get table(): RoutingTable {
    return this.#made().table;
  }

  /** Made once for each generation: of hundreds that start, each is told it by itself as well. */
  #made(): Known {
    if (this.#latest?.table.generation === this.#generation) return this.#latest;
    const { workers, groupOf, config, stopped } = this.#sources;
    const { services, remotes } = config();
    this.#takeSpeakers();
    const routed = routingTable({
      generation: this.#generation,
      workers: workers(),
      groupOf,
      choosingOf: (service) => services.find(({ name }) => name === service),
      order: services.map(({ name }) => name),
      remotes,
      known: this.#latest?.table.services ?? {},
      stale: this.#stale,
      stopped: stopped(),
    });
    const table = { ...routed, clock: runClock(), speakers: this.#speakers };
    this.#stale = new Set();
    this.#latest = { table, shares: new Shares(table, this.#callers) };
    return this.#latest;
  }

  /** They are the same object as long as none has come or gone. */
  #takeSpeakers(): void {
    const { workers, listeners } = this.#sources;
    const fronts = listeners().map((each) => ({ ...said(each), services: ['ingress'] }));
    const here = [...workers().map(said), ...fronts].filter(({ hasSpoken }) => hasSpoken);
    const before = this.#speakers;
    const now: Speakers = Object.fromEntries(
      here.map((each) => [each.id, speakerOf(each, before[each.id])]),
    );
    if (isSameRecord(before, now)) return;
    this.#speakers = now;
    this.#callers = callersOf(here);
  }
}

/** Who has not said hello calls nobody yet; one of an earlier version did so without a key. */
const said = ({ id, key, isLinked, services, connects }: Speaking & Listener) => ({
  id,
  key,
  services,
  connects,
  hasSpoken: isLinked || key !== undefined,
});

/** The same as before, if it says the same. */
const speakerOf = (
  { key, services }: Speaking,
  before: Speakers[string] | undefined,
): Speakers[string] => {
  const now = key === undefined ? { services } : { key, services };
  return isDeepStrictEqual(now, before) ? (before ?? now) : now;
};
