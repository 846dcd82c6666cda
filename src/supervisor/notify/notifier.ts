import type { Status } from '../../protocol/metrics.ts';
import { ServiceManager } from '../process/service-manager.ts';
import {
  aliveMessage,
  type Message,
  readyMessage,
  reloadingMessage,
  stoppingMessage,
  tookOverMessage,
  watchdogEvery,
} from './messages.ts';

export type NotifierOptions = {
  /** This supervisor goes on where another one left off. */
  readonly tookOver: boolean;
  readonly onTrouble: (text: string) => void;
};

/** Tells the service manager how the app is; without one it tells nobody. */
export class Notifier implements Disposable {
  readonly #options: NotifierOptions;
  readonly #manager: ServiceManager | undefined;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(options: NotifierOptions) {
    this.#options = options;
    if (process.env['NOTIFY_SOCKET'] === undefined) return;
    this.#manager = new ServiceManager(process.env, options.onTrouble);
  }

  /** Resolves when the manager has heard it: the process that it watched so far may end then. */
  tookOver(): Promise<void> {
    return this.#tell(tookOverMessage(process.pid));
  }

  /** Signs of life come from this event loop: when it is blocked, there are none. */
  watch(status: () => Status): void {
    const every = watchdogEvery(process.env, {
      pid: process.pid,
      tookOver: this.#options.tookOver,
    });
    if (every === undefined) return;
    this.#watchdog = setInterval(() => void this.#tell(aliveMessage(status())), every).unref();
  }

  ready(status: Status): void {
    void this.#tell(readyMessage(status));
  }

  reloading(): void {
    void this.#tell(reloadingMessage(process.hrtime.bigint() / 1_000n));
  }

  stopping(): void {
    void this.#tell(stoppingMessage);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#watchdog);
  }

  async #tell(message: Message): Promise<void> {
    await this.#manager?.tell(message);
  }
}
