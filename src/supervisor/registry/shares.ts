import type { RoutingTable } from '../../protocol/topology.ts';
import type { ToWorker } from '../../protocol/worker/messages.ts';

export type Routes = Extract<ToWorker, { readonly type: 'routes' }>;

type Services = RoutingTable['services'];
type Speakers = NonNullable<RoutingTable['speakers']>;

/** What a process runs, and whom that may call. */
export type Needs = {
  readonly services: readonly string[];
  /** Absent: it does not say, and has to know everything. */
  readonly connects?: readonly string[] | undefined;
};

/** Service → the processes that may call it; anyone who does not say whom it calls may call all. */
export type Callers = {
  readonly of: ReadonlyMap<string, readonly string[]>;
  readonly ofAll: readonly string[];
};

export const callersOf = (processes: readonly (Needs & { readonly id: string })[]): Callers => {
  const of = new Map<string, string[]>();
  const ofAll: string[] = [];
  for (const { id, services, connects } of processes) {
    if (connects === undefined) ofAll.push(id);
    // Who runs a service may send it messages, and its calls go to another worker when it is busy.
    for (const name of connects === undefined ? [] : [...services, ...connects]) {
      const known = of.get(name);
      if (known === undefined) of.set(name, [id]);
      else known.push(id);
    }
  }
  return { of, ofAll };
};

const noCallers: readonly string[] = [];

/**
 * What of a routing table is the business of one process: the services that it runs or may call, those
 * that hear events, which anyone may emit, and of the others only those that may call it. So a change
 * of one worker is told to those that have to do with it, and not to hundreds.
 */
export class Shares {
  readonly #whole: Routes;
  readonly #table: RoutingTable;
  readonly #callers: Callers;
  readonly #hearing: readonly string[];
  /** Service on trial → those that it answers for. */
  readonly #tried = new Map<string, readonly string[]>();
  /** Processes that need the same have the same share, which is written out once. */
  readonly #made = new Map<string, Routes>();

  constructor(table: RoutingTable, callers: Callers) {
    this.#whole = { type: 'routes', table };
    this.#table = table;
    this.#callers = callers;
    const services = Object.entries(table.services);
    this.#hearing = services.filter(([, entry]) => hears(entry)).map(([name]) => name);
    for (const [name, { canary }] of services) {
      if (canary === undefined) continue;
      this.#tried.set(canary.service, [...(this.#tried.get(canary.service) ?? []), name]);
    }
  }

  of({ services, connects }: Needs): Routes {
    if (connects === undefined) return this.#whole;
    const key = `${services.join()};${connects.join()}`;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const table = {
      ...this.#table,
      services: this.#servicesOf([...services, ...connects]),
      speakers: this.#speakersTo(services),
    };
    const made = { type: 'routes', table } as const;
    this.#made.set(key, made);
    return made;
  }

  #servicesOf(asked: readonly string[]): Services {
    const { services: all } = this.#table;
    const found: Record<string, Services[string]> = {};
    const take = (name: string): Services[string] | undefined => {
      const entry = all[name];
      if (entry !== undefined) found[name] = entry;
      return entry;
    };
    for (const name of asked) {
      const canary = take(name)?.canary;
      if (canary !== undefined) take(canary.service);
    }
    for (const name of this.#hearing) take(name);
    return found;
  }

  #speakersTo(services: readonly string[]): Speakers {
    const { services: all, speakers = {} } = this.#table;
    const isHearing = services.some((name) => {
      const entry = all[name];
      return entry !== undefined && hears(entry);
    });
    if (isHearing) return speakers;
    const names = [...services, ...services.flatMap((name) => this.#tried.get(name) ?? noCallers)];
    const found: Record<string, Speakers[string]> = {};
    const take = (id: string): void => {
      const speaker = speakers[id];
      if (speaker !== undefined) found[id] = speaker;
    };
    for (const id of this.#callers.ofAll) take(id);
    for (const name of names) for (const id of this.#callers.of.get(name) ?? noCallers) take(id);
    return found;
  }
}

const hears = ({ contract }: Services[string]): boolean => {
  for (const _event in contract.on) return true;
  for (const _event in contract.everywhere) return true;
  return false;
};

/** Whether two tables say the same but for their generation; what has not changed is the same object. */
export const isSameShare = (one: RoutingTable, other: RoutingTable): boolean =>
  one.clock === other.clock &&
  one.remotes === other.remotes &&
  isSameRecord(one.services, other.services) &&
  isSameRecord(one.speakers, other.speakers);

export const isSameRecord = (
  one: Readonly<Record<string, unknown>> | undefined,
  other: Readonly<Record<string, unknown>> | undefined,
): boolean => {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  let left = 0;
  for (const name in one) {
    if (one[name] !== other[name]) return false;
    left += 1;
  }
  for (const _name in other) left -= 1;
  return left === 0;
};
