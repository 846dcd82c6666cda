import { existsSync } from 'node:fs';
import type { TimelineEvent } from '../../protocol/control/messages.ts';
import { ownEvent } from '../watch/timeline.ts';

const lookEveryMs = 5_000;

/**
 * Says that the run directory is gone: who renames the folder of a running app takes the sockets
 * away by which its workers are found, and then requests fail while every worker is well.
 */
export class RunDirWatch implements Disposable {
  readonly #runDir: string;
  readonly #onEvent: (event: TimelineEvent) => void;
  readonly #timer = setInterval(() => this.look(), lookEveryMs).unref();
  /** What it has said, until it is over. */
  problem: string | undefined;

  constructor(runDir: string, onEvent: (event: TimelineEvent) => void) {
    this.#runDir = runDir;
    this.#onEvent = onEvent;
  }

  look(): void {
    const isThere = existsSync(this.#runDir);
    if (isThere === (this.problem === undefined)) return;
    this.problem = isThere ? undefined : this.#gone();
    this.#onEvent(
      this.problem === undefined
        ? ownEvent(`${this.#runDir} is there again`, 'ok')
        : ownEvent(this.problem, 'critical'),
    );
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #gone(): string {
    const mend = `move it back, or end the app with \`kill ${process.pid}\` and start it where it is now`;
    return `${this.#runDir} is gone, and requests do not find workers: ${mend}`;
  }
}
