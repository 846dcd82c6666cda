import { extname } from 'node:path';
import { Worker as Thread } from 'node:worker_threads';

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
/** While everything starts there are better uses for a core. */
const startAfterMs = 1_000;

/**
 * Watches this process's event loop from a thread of its own, which still speaks when the loop is
 * blocked. Costs about 10 MB and a thousandth of a core.
 */
export const startWatchdog = (watch: Omit<Watch, 'beat'>): void => {
  const beat = new Int32Array(new SharedArrayBuffer(4));
  setInterval(() => Atomics.add(beat, 0, 1), beatEveryMs).unref();
  setTimeout(() => startThread({ ...watch, beat }), startAfterMs).unref();
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
