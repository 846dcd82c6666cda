import { notReady, refused } from '../../protocol/errors.ts';
import type { WorkerSample } from '../../protocol/metrics.ts';
import { type Placement, spoken } from '../../protocol/topology.ts';
import { ms, seconds } from '../../protocol/units.ts';
import type { Crew } from '../crew/crew.ts';
import type { WorkerProcess } from '../process/worker-process.ts';
import { Bake } from './bake.ts';
import { conductOf } from './conduct.ts';

export type ReleasesParts = {
  readonly crew: Crew;
  /** Makes the files ready that a service's next workers run. */
  readonly prepare: (services: readonly string[]) => Promise<void>;
  readonly bakeMs: number;
  /** A reload was taken back because its workers were worse. */
  readonly rolledBack: (group: string, why: string) => void;
};

const bakingPace = ms(250);
const usualPace = seconds(1);
/** So many samples of each worker tell how it answers. */
const keptSamples = 30;

/** Replaces the workers of a group by new ones, and goes back when those are worse. */
export class Releases {
  readonly #parts: ReleasesParts;
  readonly #bakes = new Map<string, Bake>();
  /** Gone with their workers. */
  readonly #samples = new WeakMap<WorkerProcess, WorkerSample[]>();

  constructor(parts: ReleasesParts) {
    this.#parts = parts;
  }

  /** All or only one; one after the other, the old one going as soon as its successor is ready. */
  async restart(placement: Placement, only?: string): Promise<void> {
    const { crew } = this.#parts;
    const { group } = placement;
    await this.settle([group]);
    await crew.inTurn(group, async () => {
      const replaced = crew.of(group).filter(({ id }) => only === undefined || id === only);
      if (only !== undefined && replaced.length === 0) {
        throw refused(`${spoken(only)} is gone already`, 'See `forge status` for those there are.');
      }
      for (const old of replaced) {
        await crew.join(placement);
        await crew.dismiss(old);
      }
    });
  }

  /** Throws when a new worker does not become ready; the old ones have gone on serving. */
  async reload(placement: Placement): Promise<void> {
    await this.settle([placement.group]);
    await this.prepare(placement);
    await this.#parts.crew.inTurn(placement.group, () => this.#renew(placement));
  }

  /** Its next workers run what is on disk now; throws when that cannot be run. */
  async prepare({ group, services }: Placement): Promise<void> {
    await this.#parts.prepare(services).catch((cause: Error) => {
      throw notReady(spoken(group), cause.message);
    });
  }

  async #renew(placement: Placement): Promise<void> {
    const { crew } = this.#parts;
    const old = crew.of(placement.group);
    const fresh: WorkerProcess[] = [];
    try {
      for (const worker of old) {
        fresh.push(await crew.join(placement));
        worker.setStandby(true);
      }
    } catch (error) {
      await this.#recall(old, fresh);
      throw error;
    }
    this.#watch(placement.group, old, fresh);
  }

  /** Its new workers that are not ready yet are not waited for: the reload ends as one that failed. */
  giveUp(group: string): void {
    for (const worker of this.#parts.crew.of(group)) {
      if (worker.isOnTrial && !worker.hasTripped) worker.kill();
    }
  }

  /** Back to the workers from before the reload, as long as they are at hand. */
  async rollback({ group }: Placement): Promise<void> {
    const bake = this.#take(group);
    if (bake === undefined) {
      throw refused(
        `${spoken(group)} has no workers from before a reload`,
        'They are kept while a reload bakes; put the old files back and `forge reload` instead.',
      );
    }
    await this.#recall(bake.old, bake.fresh);
  }

  /** The new workers of these groups are accepted as they are, and the old ones go. */
  async settle(groups: readonly string[]): Promise<void> {
    const bakes = groups.flatMap((group) => this.#take(group) ?? []);
    await Promise.all(bakes.map((bake) => this.#accept(bake)));
  }

  sampled(worker: WorkerProcess, sample: WorkerSample): void {
    const kept = this.#samples.get(worker) ?? [];
    this.#samples.set(worker, kept);
    kept.push(sample);
    if (kept.length > keptSamples) kept.shift();
    for (const bake of this.#bakes.values()) bake.sampled(worker, sample);
  }

  /** Of two generations, one of which goes when one of its workers ends. */
  isBaking(worker: WorkerProcess): boolean {
    return [...this.#bakes.values()].some(({ old, fresh }) => [...old, ...fresh].includes(worker));
  }

  crashed(worker: WorkerProcess): void {
    for (const bake of this.#bakes.values()) {
      // The code that it would start again with is the new one.
      if (bake.old.includes(worker)) void this.#dismiss([worker]);
      bake.crashed(worker);
    }
  }

  close(): void {
    for (const group of this.#bakes.keys()) this.#take(group);
  }

  #watch(group: string, old: readonly WorkerProcess[], fresh: readonly WorkerProcess[]): void {
    for (const worker of fresh) worker.send({ type: 'pace', sampleEveryMs: bakingPace });
    const bake = new Bake({
      group,
      old,
      fresh,
      before: conductOf(old.flatMap((worker) => this.#samples.get(worker) ?? [])),
      forMs: this.#parts.bakeMs,
      judged: (whyWorse) => {
        if (this.#take(group) !== undefined) void this.#conclude(bake, whyWorse);
      },
    });
    this.#bakes.set(group, bake);
  }

  async #conclude(bake: Bake, whyWorse: string | undefined): Promise<void> {
    if (whyWorse === undefined) {
      await this.#accept(bake);
      return;
    }
    this.#parts.rolledBack(bake.group, whyWorse);
    await this.#recall(bake.old, bake.fresh);
  }

  async #accept({ old, fresh }: Bake): Promise<void> {
    for (const worker of fresh) worker.send({ type: 'pace', sampleEveryMs: usualPace });
    await this.#dismiss(old);
  }

  async #recall(old: readonly WorkerProcess[], fresh: readonly WorkerProcess[]): Promise<void> {
    for (const worker of old) worker.setStandby(false);
    await this.#dismiss(fresh);
  }

  async #dismiss(workers: readonly WorkerProcess[]): Promise<void> {
    await Promise.all(workers.map((worker) => this.#parts.crew.dismiss(worker)));
  }

  /** Who has taken a bake decides about it; nobody else does. */
  #take(group: string): Bake | undefined {
    const bake = this.#bakes.get(group);
    this.#bakes.delete(group);
    bake?.[Symbol.dispose]();
    return bake;
  }
}
