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
  #isThere = true;

  constructor(runDir: string, onEvent: (event: TimelineEvent) => void) {
    this.#runDir = runDir;
    this.#onEvent = onEvent;
  }

  look(): void {
    const isThere = existsSync(this.#runDir);
    if (isThere === this.#isThere) return;
    this.#isThere = isThere;
    this.#onEvent(isThere ? this.#back() : this.#gone());
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #gone(): TimelineEvent {
    const mend = `move it back, or end the app with \`kill ${process.pid}\` and start it where it is now`;
    return ownEvent(
      `${this.#runDir} is gone, and requests do not find workers: ${mend}`,
      'critical',
    );
  }

  #back(): TimelineEvent {
    return ownEvent(`${this.#runDir} is there again`, 'ok');
  }
}
