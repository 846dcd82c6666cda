import type { RoutingTable } from '../../protocol/topology.ts';
import { report } from '../channel/log.ts';
import { everyWorker } from '../events/publisher.ts';
import type { Hosted } from './hosted.ts';

/** Tells the services of this worker that others find them here, and how many workers they have. */
export class Hooks {
  readonly #hosted: ReadonlyMap<string, Hosted>;
  /** Service → how many workers it was told of. */
  readonly #told = new Map<string, number>();

  constructor(hosted: ReadonlyMap<string, Hosted>) {
    this.#hosted = hosted;
  }

  update({ services }: RoutingTable): void {
    for (const hosted of this.#hosted.values()) {
      const { workerId: own } = hosted.service.ctx;
      const workers = everyWorker(services[hosted.name]?.endpoints ?? []);
      // Who is not among them has not started yet, or leaves.
      if (!workers.some(({ workerId }) => workerId === own)) continue;
      if (hosted.failure === undefined) void this.#tell(hosted, workers.length);
    }
  }

  async #tell({ name, service }: Hosted, workers: number): Promise<void> {
    const known = this.#told.get(name);
    if (known === workers) return;
    this.#told.set(name, workers);
    // An app's own copy of the package may be older than this worker.
    if (known === undefined) await attempt(name, 'onReady', () => service.onReady?.());
    await attempt(name, 'onScale', () => service.onScale?.(workers));
  }
}

/** What goes wrong in it changes nothing: the service answers already. */
const attempt = async (name: string, hook: string, run: () => unknown): Promise<void> => {
  try {
    await run();
  } catch (error) {
    report(name, hook, error);
  }
};
