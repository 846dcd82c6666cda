import type { TimelineEvent } from '../../protocol/control/messages.ts';
import type { WorkerSample } from '../../protocol/metrics.ts';
import type { AppConfig } from '../config/app-config.ts';
import type { Crew } from '../crew/crew.ts';
import type { WorkerProcess } from '../process/worker-process.ts';
import type { Blocked } from '../process/worker-watcher.ts';
import { Liveness } from './liveness.ts';
import { MemoryWatch } from './memory-watch.ts';
import { OpenFilesWatch } from './open-files-watch.ts';
import { Replacements } from './replacements.ts';

export type CareParts = {
  readonly crew: Crew;
  readonly config: () => AppConfig;
  readonly onEvent: (event: TimelineEvent) => void;
};

/** Looks after workers that run: those that do not answer, and those that run out of memory or files. */
export class Care implements Disposable {
  readonly #liveness: Liveness;
  readonly #memory: MemoryWatch;
  readonly #files: OpenFilesWatch;

  constructor({ crew, config, onEvent }: CareParts) {
    const replacements = new Replacements({
      replace: (worker, end) => crew.replace(worker, end),
      onEvent,
    });
    this.#memory = new MemoryWatch({ config, replacements });
    this.#files = new OpenFilesWatch(replacements);
    this.#liveness = new Liveness({
      workers: () => crew.workers,
      configs: () => config().services,
      replacements,
    });
  }

  blocked(worker: WorkerProcess, blocked: Blocked): void {
    this.#liveness.blocked(worker, blocked);
  }

  sampled(worker: WorkerProcess, sample: WorkerSample): void {
    this.#memory.sampled(worker, sample);
    this.#files.sampled(worker);
  }

  [Symbol.dispose](): void {
    this.#liveness[Symbol.dispose]();
  }
}
