import { seconds } from '../../protocol/units.ts';
import type { WorkerProcess } from '../process/worker-process.ts';
import type { Held } from '../process/worker-watcher.ts';
import type { Replacements, Told } from './replacements.ts';

type Stalled = Told & Pick<WorkerProcess, 'stall'>;

const tellEveryMs = seconds(60);

/** Names what holds an event loop for a moment again and again: a worker is not ended for that. */
export class StallWatch {
  readonly #replacements: Pick<Replacements, 'tell'>;
  readonly #toldAt = new WeakMap<Stalled, number>();

  constructor(replacements: Pick<Replacements, 'tell'>) {
    this.#replacements = replacements;
  }

  stalled(worker: Stalled, { forMs, stack }: Pick<Held, 'forMs' | 'stack'>): void {
    worker.stall.seen(stack);
    const at = performance.now();
    const toldAt = this.#toldAt.get(worker);
    if (toldAt !== undefined && at < toldAt + tellEveryMs) return;
    this.#toldAt.set(worker, at);
    const what = `held its event loop for ${Math.round(forMs)} ms and more: ${stack}`;
    this.#replacements.tell(worker, 'warning', what);
  }
}
