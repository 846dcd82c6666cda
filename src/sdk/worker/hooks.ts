import type { RoutingTable } from '../../protocol/topology.ts';
import { report } from '../channel/log.ts';
import { everyWorker } from '../events/publisher.ts';
import type { Hosted } from './hosted.ts';

/** What holds for a service. */
type Place = { readonly workers: number; readonly isStandby: boolean };

/** What a service is to be told, and what it was. */
type Telling = { place: Place; told: Place | undefined; isUnderWay: boolean };

/**
 * Tells the services of this worker that others find them here, how many workers they have, and
 * whether new ones have taken the place of this one.
 */
export class Hooks {
  readonly #hosted: ReadonlyMap<string, Hosted>;
  readonly #onStandby: () => void;
  readonly #tellings = new Map<string, Telling>();

  constructor(hosted: ReadonlyMap<string, Hosted>, onStandby: () => void) {
    this.#hosted = hosted;
    this.#onStandby = onStandby;
  }

  update({ services }: RoutingTable): void {
    for (const hosted of this.#hosted.values()) {
      const { workerId: own } = hosted.service.ctx;
      const workers = everyWorker(services[hosted.name]?.endpoints ?? []);
      const here = workers.find(({ workerId }) => workerId === own);
      // Who is not among them has not started yet, or leaves.
      if (here === undefined || hosted.failure !== undefined) continue;
      this.#note(hosted, { workers: workers.length, isStandby: here.standby === true });
    }
  }

  #note(hosted: Hosted, place: Place): void {
    const telling = this.#tellings.get(hosted.name) ?? {
      place,
      told: undefined,
      isUnderWay: false,
    };
    this.#tellings.set(hosted.name, telling);
    telling.place = place;
    if (place.isStandby) this.#onStandby();
    if (!telling.isUnderWay) void tell(hosted, telling);
  }
}

/** One thing after the other: what changes meanwhile is told when the service is done with the last. */
const tell = async ({ name, service }: Hosted, telling: Telling): Promise<void> => {
  telling.isUnderWay = true;
  // An app's own copy of the package may be older than this worker.
  if (telling.told === undefined) await attempt(name, 'onReady', () => service.onReady?.());
  for (let last = telling.told; last !== telling.place; ) {
    const { place } = telling;
    const { workers, isStandby } = place;
    if (isStandby && !last?.isStandby) {
      await attempt(name, 'onStandby', () => service.onStandby?.());
    }
    if (!isStandby && last?.isStandby) await attempt(name, 'onResume', () => service.onResume?.());
    if (workers !== last?.workers) await attempt(name, 'onScale', () => service.onScale?.(workers));
    last = place;
    telling.told = place;
  }
  telling.isUnderWay = false;
};

/** What goes wrong in it changes nothing: the service answers already. */
const attempt = async (name: string, hook: string, run: () => unknown): Promise<void> => {
  try {
    await run();
  } catch (error) {
    report(name, hook, error);
  }
};
