import { isRenewal, type Layout, type RenewalKind, targetOf } from '../../protocol/action.ts';
import { type Contract, emptyContract } from '../../protocol/contract.ts';
import { actionConflict } from '../../protocol/errors.ts';
import { type Placement, type ServiceConfig, spoken } from '../../protocol/topology.ts';
import type { AppConfig } from '../config/app-config.ts';
import type { Crew } from '../crew/crew.ts';
import type { Front } from '../crew/front.ts';
import type { Site } from '../crew/site.ts';
import type { Startup } from '../crew/startup.ts';
import type { Releases } from '../release/releases.ts';
import { steadyBudget } from '../topology/allocate.ts';
import {
  type Overrides,
  overridesOf,
  placementsOf,
  type StoppedServices,
  stoppedOf,
} from '../topology/placement.ts';
import { type Move, planMove, type Request, stepsBack, withSteps } from './moves.ts';

export type Change = { readonly from: Layout; readonly to: Layout };

/** What is done when all groups have moved, and before they go back when something fails. */
type Around = { readonly last: () => Promise<void>; readonly back: () => void };

/** Other processes in the same layout. */
type Renewal = Request & { readonly kind: RenewalKind };

export type MoverParts = {
  readonly site: Site;
  readonly crew: Crew;
  readonly releases: Releases;
  readonly front: Front;
  readonly placements: readonly Placement[];
  readonly stopped: StoppedServices;
  /** What a service was last known to offer. */
  readonly contractOf: (service: string) => Contract | undefined;
  readonly startup: () => Startup;
  readonly changed: () => void;
  /** Resolves when everyone who routes knows what has changed. */
  readonly told: () => Promise<void>;
};

/** Holds the layout of an app and brings it from one to another, one action a service at a time. */
export class Mover {
  readonly #parts: MoverParts;
  readonly #locks = new Map<string, string>();
  /** Groups that only have workers which the config was just taken up with. */
  #fresh: ReadonlySet<string> = new Set();
  #placements: readonly Placement[];
  #stopped: StoppedServices;

  constructor(parts: MoverParts) {
    this.#parts = parts;
    this.#placements = parts.placements;
    this.#stopped = parts.stopped;
  }

  /** What operators stopped, until they start it again. */
  get stopped(): StoppedServices {
    return this.#stopped;
  }

  /** What they changed against the config. */
  get overrides(): Overrides {
    return overridesOf(this.#parts.site.config, this.#placements, this.#stopped);
  }

  get placements(): readonly Placement[] {
    return this.#placements;
  }

  placementOf(service: string): Placement | undefined {
    return this.#placements.find(({ services }) => services.includes(service));
  }

  plan(request: Request): Move {
    const { services } = this.#parts.site.config;
    return planMove(request, { services, placements: this.#placements, stopped: this.#stopped });
  }

  /** Performs a request, or throws and leaves the layout as it was. */
  async apply(request: Request): Promise<Change> {
    await this.#parts.startup().adopted;
    const move = this.plan(request);
    using _lock = this.#lock(move.touches, `${request.kind} ${targetOf({ ...request, ...move })}`);
    await this.#perform(request, move);
    await this.#parts.told();
    return { from: move.from, to: move.to };
  }

  async #perform(request: Request, move: Move): Promise<void> {
    const { kind } = request;
    const placement = this.#placements.find(({ group }) => group === move.to.group);
    if (placement !== undefined && isRenewal(request)) return this.#renew(request, placement);
    await this.#parts.releases.settle(move.steps.map(({ group }) => group));
    if (kind === 'stop') await this.#stop(request.service, move);
    else await this.#move(move);
    if (kind === 'start') this.#forgetStop(request.service);
  }

  /** Whoever asks for it has had the config taken up before: what that has started is as new. */
  async #renew(request: Renewal, placement: Placement): Promise<void> {
    const { releases } = this.#parts;
    if (request.kind === 'rollback') return releases.rollback(placement);
    const worker = request.kind === 'restart' ? request.worker : undefined;
    if (worker === undefined && this.#takeFresh(placement.group)) return;
    if (request.kind === 'reload') return releases.reload(placement);
    return releases.restart(placement, worker);
  }

  #takeFresh(group: string): boolean {
    const isFresh = this.#fresh.has(group);
    this.#fresh = new Set([...this.#fresh].filter((one) => one !== group));
    return isFresh;
  }

  /** Whoever asks for it is told that it is stopped before its workers go. */
  async #stop(service: string, { from, steps }: Move): Promise<void> {
    const before = this.#placements;
    const contract = this.#parts.contractOf(service) ?? emptyContract;
    this.#stopped = { ...this.#stopped, [service]: { ...from, contract } };
    this.#adopt(withSteps(before, steps));
    try {
      for (const step of steps) await this.#parts.crew.converge(step);
    } catch (error) {
      this.#forgetStop(service);
      await this.#goBack(stepsBack(before, steps), error);
    }
  }

  #forgetStop(service: string): void {
    const { [service]: _started, ...others } = this.#stopped;
    this.#stopped = others;
    this.#parts.changed();
  }

  /**
   * Brings the app to another config: what it adds is started, what it leaves out is stopped when
   * nobody comes to it any more, and what operators changed stays. Throws and goes on with the old
   * one when a service does not start.
   */
  async reconfigure(next: AppConfig): Promise<void> {
    await this.#parts.startup().adopted;
    const { site, releases, front, crew } = this.#parts;
    this.#fresh = new Set();
    if (next === site.config) return;
    const config = { ...next, budget: steadyBudget(site.config.budget, next.budget) };
    const before = { config: site.config, placements: this.#placements };
    const { numbers } = front.ports;
    const { overrides } = this;
    const target = placementsOf(config, overrides);
    const names = [...before.config.services, ...config.services].map(({ name }) => name);
    using _lock = this.#lock([...new Set(names)], 'a reload of the config');
    const staying = config.services.map(({ name }) => name);
    const leaving = before.config.services.filter(({ name }) => !staying.includes(name));
    const both = { ...config, services: [...config.services, ...leaving] };
    const between = withLeaving(target, { leaving, before: before.placements });
    const gone = before.placements
      .filter(({ group }) => !target.some((one) => one.group === group))
      .map(({ group }) => ({ group, services: [], workers: 0 }));
    const smaller = target.filter((one) => !isIn(between, one));
    front.ports.open(config);
    const back = (): void => {
      site.config = before.config;
      front.ports.give(numbers, before.config);
    };
    let old = crew.workers;
    try {
      const steps = between.filter((one) => !isIn(before.placements, one) || crew.lacksDoor(one));
      await releases.settle([...steps, ...smaller, ...gone].map(({ group }) => group));
      site.config = both;
      old = crew.workers;
      for (const step of [...steps, ...smaller]) await releases.prepare(step);
      const last = async (): Promise<void> => {
        for (const one of smaller) await crew.add(one);
        await front.renew();
      };
      await this.#move({ steps }, { last, back });
    } catch (error) {
      back();
      this.#adopt(before.placements);
      const grown = before.placements.filter(({ group }) =>
        smaller.some((one) => one.group === group),
      );
      for (const one of grown) await crew.converge(one).catch(() => undefined);
      // It may have been started again meanwhile, with what was open then.
      await front.renew().catch(() => undefined);
      await front.settle(this.#tellEveryone);
      throw error;
    }
    site.config = config;
    this.#stopped = stoppedOf(config, overrides);
    this.#adopt(target);
    await front.settle(this.#tellEveryone);
    for (const one of [...gone, ...smaller]) await crew.converge(one);
    const fresh = target.filter(({ group }) => !crew.of(group).some((one) => old.includes(one)));
    this.#fresh = new Set(fresh.map(({ group }) => group));
  }

  readonly #tellEveryone = (): Promise<void> => {
    this.#parts.changed();
    return this.#parts.told();
  };

  #lock(services: readonly string[], by: string): Disposable {
    const taken = services.find((name) => this.#locks.has(name));
    if (taken !== undefined) {
      const group = spoken(this.placementOf(taken)?.group ?? taken);
      throw actionConflict(group, this.#locks.get(taken) ?? 'another action');
    }
    for (const name of services) this.#locks.set(name, by);
    return {
      [Symbol.dispose]: () => {
        for (const name of services) this.#locks.delete(name);
      },
    };
  }

  async #move({ steps }: Pick<Move, 'steps'>, around?: Around): Promise<void> {
    const before = this.#placements;
    const [first, ...others] = steps;
    const { crew, startup } = this.#parts;
    try {
      for (const { group } of steps) startup().openGroup(group);
      if (first !== undefined) await crew.converge(first);
      this.#adopt(withSteps(this.#placements, steps));
      for (const step of others) await crew.converge(step);
      await around?.last();
    } catch (error) {
      around?.back();
      await this.#goBack(stepsBack(before, steps), error);
    }
  }

  /** Ends by throwing the error that made it necessary, also when the way back is barred. */
  async #goBack(steps: readonly Placement[], error: unknown): Promise<never> {
    try {
      this.#adopt(withSteps(this.#placements, steps));
      for (const step of steps) await this.#parts.crew.converge(step);
    } catch {
      // The app is stopping, or the old layout fails as well: the first error is the one to tell.
    }
    throw error;
  }

  #adopt(placements: readonly Placement[]): void {
    this.#placements = placements;
    this.#parts.changed();
  }
}

/** With the services that are on their way out still among their company. */
const withLeaving = (
  target: readonly Placement[],
  from: { readonly leaving: readonly ServiceConfig[]; readonly before: readonly Placement[] },
): readonly Placement[] =>
  target.map((one) => {
    const was = from.before.find(({ group }) => group === one.group)?.services ?? [];
    const isKept = (name: string): boolean =>
      one.services.includes(name) || from.leaving.some((leaving) => leaving.name === name);
    return { ...one, services: [...new Set([...was.filter(isKept), ...one.services])] };
  });

const isIn = (placements: readonly Placement[], wanted: Placement): boolean =>
  placements.some(
    ({ group, services, workers }) =>
      group === wanted.group &&
      workers === wanted.workers &&
      services.join() === wanted.services.join(),
  );
