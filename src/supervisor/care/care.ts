import type { TimelineEvent } from '../../protocol/control/messages.ts';
import type { WorkerSample } from '../../protocol/metrics.ts';
import type { AppConfig } from '../config/app-config.ts';
import type { Crew } from '../crew/crew.ts';
import type { WorkerProcess } from '../process/worker-process.ts';
import type { Held } from '../process/worker-watcher.ts';
import { CertificatesWatch } from './certificates-watch.ts';
import { Liveness } from './liveness.ts';
import { MemoryWatch } from './memory-watch.ts';
import { OpenFilesWatch } from './open-files-watch.ts';
import { Replacements } from './replacements.ts';
import { RunDirWatch } from './run-dir-watch.ts';
import { StallWatch } from './stall-watch.ts';

export type CareParts = {
  readonly runDir: string;
  readonly crew: Crew;
  readonly config: () => AppConfig;
  readonly onEvent: (event: TimelineEvent) => void;
};

/** Looks after what runs: workers that do not answer, or run out of memory or files; where they are found, and what clients are shown. */
export class Care implements Disposable {
  readonly #liveness: Liveness;
  readonly #memory: MemoryWatch;
  readonly #files: OpenFilesWatch;
  readonly #stalls: StallWatch;
  readonly #runDir: RunDirWatch;
  readonly #certificates: CertificatesWatch;

  constructor({ runDir, crew, config, onEvent }: CareParts) {
    this.#runDir = new RunDirWatch(runDir, onEvent);
    this.#certificates = new CertificatesWatch({
      certificates: () => config().http.tls?.certificates ?? [],
      onEvent,
    });
    const replacements = new Replacements({
      replace: (worker, end) => crew.replace(worker, end),
      onEvent,
    });
    this.#memory = new MemoryWatch({ config, replacements });
    this.#files = new OpenFilesWatch(replacements);
    this.#stalls = new StallWatch(replacements);
    this.#liveness = new Liveness({
      workers: () => crew.workers,
      configs: () => config().services,
      replacements,
    });
  }

  /** What is wrong with the app as a whole. */
  get problem(): string | undefined {
    return this.#runDir.problem;
  }

  held(worker: WorkerProcess, held: Held): void {
    if (held.type === 'blocked') this.#liveness.blocked(worker, held);
    else this.#stalls.stalled(worker, held);
  }

  sampled(worker: WorkerProcess, sample: WorkerSample): void {
    this.#memory.sampled(worker, sample);
    this.#files.sampled(worker);
  }

  [Symbol.dispose](): void {
    this.#liveness[Symbol.dispose]();
    this.#runDir[Symbol.dispose]();
    this.#certificates[Symbol.dispose]();
  }
}
