import type { Placement } from '../../protocol/topology.ts';
import type { WorkerProcess } from '../process/worker-process.ts';
import type { Registry } from '../registry/registry.ts';
import { startLevels } from '../topology/dependencies.ts';
import type { Crew } from './crew.ts';
import type { Front } from './front.ts';
import { tellSettled } from './settled.ts';
import type { Site } from './site.ts';

export type StartupParts = {
  readonly site: Site;
  readonly crew: Crew;
  readonly registry: Registry;
  readonly placements: () => readonly Placement[];
  /** One service that does not get through its first start is enough to give up. */
  readonly isStrict: boolean;
};

/** A worker that is blocked when its supervisor dies may be late; the others must not wait for it. */
const adoptionLimitMs = 3_000;

/** Brings the workers of an app up in the order of their dependencies. */
export class Startup {
  readonly #parts: StartupParts;
  /** Groups whose workers may run `onStart` as soon as they are bound. */
  readonly #opened = new Set<string>();
  /** Whoever comes now comes to others that serve. */
  #isOver = false;
  /** Resolves when what was adopted is in place. Until then its layout is not to be changed. */
  adopted: Promise<void> = Promise.resolve();

  constructor(parts: StartupParts) {
    this.#parts = parts;
  }

  openGroup(group: string): void {
    this.#opened.add(group);
    const { crew } = this.#parts;
    for (const worker of crew.of(group)) {
      const isLoaded = worker.isBound && worker.status === 'starting';
      if (isLoaded) crew.starts.ask(worker, () => this.begin(worker));
    }
  }

  bound(worker: WorkerProcess): void {
    if (this.#opened.has(worker.group)) this.begin(worker);
    else this.#parts.crew.starts.leave(worker);
  }

  begin(worker: WorkerProcess): void {
    this.#parts.registry.tell(worker);
    worker.begin(this.#isOver || worker.isOnTrial || worker.restarts > 0);
  }

  /** Processes load side by side; `onStart` runs level by level, when every contract is known. */
  async start({ ingress }: Front): Promise<void> {
    const { crew, placements, isStrict, registry } = this.#parts;
    for (const { group, services, workers } of placements()) {
      for (let count = 0; count < workers; count += 1) crew.hire(group, services);
    }
    await crew.until(() => crew.workers.every((worker) => worker.isBound || worker.hasTripped));
    // Until here nobody calls anybody, and each that loads would be told to all that have.
    registry.release();
    for (const level of this.#levels()) {
      for (const group of level) this.openGroup(group);
      const members = crew.workers.filter(({ group }) => level.includes(group));
      await crew.until(() => members.every((one) => (isStrict ? one.hasTripped : one.isSettled)));
      if (isStrict) for (const worker of members) crew.checkStart(worker);
    }
    if (ingress !== undefined) await crew.until(() => ingress.isSettled);
    await registry.told();
    this.#settle();
  }

  /** Goes on with adopted workers: nothing is routed anew before they have told what they are. */
  goOn(front: Front): Promise<void> {
    const going = this.#adopt(front);
    this.adopted = going.catch(() => undefined);
    return going;
  }

  async #adopt(front: Front): Promise<void> {
    const { crew, registry, placements } = this.#parts;
    const taken = [...crew.workers, ...front.ingresses];
    for (const { group } of placements()) this.#opened.add(group);
    await crew.until(() => taken.every((worker) => worker.isSettled), adoptionLimitMs);
    registry.release();
    for (const level of this.#levels()) {
      const targets = placements().filter(({ group }) => level.includes(group));
      // One that does not come up now is started again and again, as at any other time.
      await Promise.all(
        targets.map((target) => crew.converge(target).catch(() => crew.fill(target))),
      );
    }
    // One that does not come up leaves the place to the one that there is.
    await front.renew().catch(() => undefined);
    const planned = new Set(placements().map(({ group }) => group));
    const strays = crew.workers.filter(({ group }) => !planned.has(group));
    await Promise.all([
      front.settle(() => registry.told()),
      ...strays.map((worker) => crew.dismiss(worker)),
    ]);
    this.#settle();
  }

  #settle(): void {
    const { crew, site } = this.#parts;
    this.#isOver = true;
    void tellSettled(crew.workers, site.config.budget.cores);
  }

  #levels(): readonly (readonly string[])[] {
    return startLevels(this.#parts.placements(), this.#parts.site.config.services);
  }
}
