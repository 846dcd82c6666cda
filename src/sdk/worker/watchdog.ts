import { extname } from 'node:path';
import { Worker as Thread } from 'node:worker_threads';
import type { WorkerSample } from '../../protocol/metrics.ts';

/** What both threads share: how often the main one beat, and whether it is looked at closely. */
export const shared = { beats: 0, isClose: 1 } as const;

/** What the thread needs to know; it has no other tie to the main thread than the beat. */
export type Watch = {
  readonly beat: Int32Array;
  readonly runDir: string;
  readonly hello: {
    readonly type: 'watch';
    readonly version: number;
    readonly runId: string;
    readonly workerId: string;
    readonly pid: number;
  };
  readonly blockedAfterMs: number;
};

const beatEveryMs = 200;
/** While it is looked at closely. */
export const closeBeatEveryMs = 20;
/** Nobody has said that all are up: its supervisor knows nothing of that, or one of them is slow. */
const latestMs = 60_000;
/** From such a delay on, somebody will want to know whose it is. */
const worthALookMs = 100;
const lookForMs = 10_000;
/** A close look costs more than the usual one, and so is not for ever. */
const restMs = 20_000;

/**
 * Watches this process's event loop from a thread of its own, which still speaks when the loop is
 * blocked. Costs about 10 MB and a thousandth of a core.
 */
export class Watchdog {
  readonly #beat = new Int32Array(new SharedArrayBuffer(8));
  readonly #watch: Omit<Watch, 'beat'>;
  #timer = this.#beatEvery(beatEveryMs);
  #mayLook = true;
  #isThere = false;

  /**
   * `isUrgent`: it may be needed at once. To start a thread takes half as much CPU as to start the
   * worker, for which there are better uses while everything comes up.
   */
  constructor(watch: Omit<Watch, 'beat'>, isUrgent: boolean) {
    this.#watch = watch;
    if (isUrgent) this.begin();
    else setTimeout(() => this.begin(), latestMs).unref();
  }

  /** Whether its thread has been started. */
  get isThere(): boolean {
    return this.#isThere;
  }

  /** Starts the thread, unless it is there. */
  begin(): void {
    if (!this.#isThere) startThread({ ...this.#watch, beat: this.#beat });
    this.#isThere = true;
  }

  /** Who has held the loop may do it again soon, and is named then. */
  sampled({ eventLoopDelayMs = 0 }: Pick<WorkerSample, 'eventLoopDelayMs'>): void {
    if (eventLoopDelayMs < worthALookMs || !this.#mayLook) return;
    this.#mayLook = false;
    this.#look(true);
    setTimeout(() => this.#look(false), lookForMs).unref();
    setTimeout(() => {
      this.#mayLook = true;
    }, lookForMs + restMs).unref();
  }

  #look(isClose: boolean): void {
    Atomics.store(this.#beat, shared.isClose, Number(isClose));
    clearInterval(this.#timer);
    this.#timer = this.#beatEvery(isClose ? closeBeatEveryMs : beatEveryMs);
  }

  #beatEvery(everyMs: number): NodeJS.Timeout {
    return setInterval(beatOnce, everyMs, this.#beat).unref();
  }
}

/** Named, as a thread that has nothing to do is found here, and then nobody holds it. */
export const beatOnce = (beat: Int32Array): void => {
  Atomics.add(beat, shared.beats, 1);
};

const startThread = (watch: Watch): void => {
  const file = new URL(`./watchdog-thread${extname(import.meta.url)}`, import.meta.url);
  const thread = new Thread(file, {
    workerData: watch,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 },
  });
  // Without a watchdog the worker serves all the same.
  thread.on('error', (error) => process.stderr.write(`watchdog: ${error.message}\n`));
  thread.unref();
};
