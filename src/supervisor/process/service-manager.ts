import { execFile } from 'node:child_process';

/** Long for a program that sends one datagram; the supervisor does not wait for it. */
const limitMs = 5_000;

/**
 * The way to the service manager that started us. Node has no Unix datagrams, so `systemd-notify`
 * sends them, one message after the other.
 */
export class ServiceManager {
  readonly #env: NodeJS.ProcessEnv;
  readonly #onTrouble: (text: string) => void;
  #last: Promise<void> = Promise.resolve();
  #hasFailed = false;

  constructor(env: NodeJS.ProcessEnv, onTrouble: (text: string) => void) {
    this.#env = env;
    this.#onTrouble = onTrouble;
  }

  /** Resolves when it is told, or cannot be; it never throws. */
  tell(message: readonly string[]): Promise<void> {
    this.#last = this.#last.then(() => this.#send(message));
    return this.#last;
  }

  async #send(message: readonly string[]): Promise<void> {
    const trouble = await run(message, this.#env);
    if (trouble === undefined || this.#hasFailed) return;
    // It would fail each time: it is said once.
    this.#hasFailed = true;
    this.#onTrouble(`systemd does not hear how the app is: ${trouble}`);
  }
}

/** What went wrong, if anything. */
const run = (message: readonly string[], env: NodeJS.ProcessEnv): Promise<string | undefined> =>
  new Promise((resolve) => {
    execFile('systemd-notify', message, { env, timeout: limitMs }, (error, _stdout, stderr) => {
      if (error === null) resolve(undefined);
      else if (error.code === 'ENOENT') resolve('systemd-notify is not installed');
      else resolve(stderr.trim() || error.message);
    });
  });
