import type { RoutingTable } from '../../protocol/topology.ts';
import { report } from '../channel/log.ts';
import { everyWorker } from '../events/publisher.ts';
import type { Hosted } from './hosted.ts';

/** What a service was told, and what it is to be told. */
type Telling = { workers: number; told: number | undefined; isUnderWay: boolean };

/** Tells the services of this worker that others find them here, and how many workers they have. */
export class Hooks {
  readonly #hosted: ReadonlyMap<string, Hosted>;
  readonly #tellings = new Map<string, Telling>();

  constructor(hosted: ReadonlyMap<string, Hosted>) {
    this.#hosted = hosted;
  }

  update({ services }: RoutingTable): void {
    for (const hosted of this.#hosted.values()) {
      const { workerId: own } = hosted.service.ctx;
      const workers = everyWorker(services[hosted.name]?.endpoints ?? []);
      // Who is not among them has not started yet, or leaves.
      if (!workers.some(({ workerId }) => workerId === own)) continue;
      if (hosted.failure === undefined) this.#note(hosted, workers.length);
    }
  }

  #note(hosted: Hosted, workers: number): void {
    const telling = this.#tellings.get(hosted.name) ?? {
      workers,
      told: undefined,
      isUnderWay: false,
    };
    this.#tellings.set(hosted.name, telling);
    telling.workers = workers;
    if (!telling.isUnderWay) void tell(hosted, telling);
  }
}

/** One thing after the other: what changes meanwhile is told when the service is done with the last. */
const tell = async ({ name, service }: Hosted, telling: Telling): Promise<void> => {
  telling.isUnderWay = true;
  // An app's own copy of the package may be older than this worker.
  if (telling.told === undefined) await attempt(name, 'onReady', () => service.onReady?.());
  while (telling.told !== telling.workers) {
    const { workers } = telling;
    telling.told = workers;
    await attempt(name, 'onScale', () => service.onScale?.(workers));
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
