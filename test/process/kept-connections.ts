import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';

/** Connections that were opened once and are kept: each asks again and again, one request at a time. */
export class KeptConnections implements AsyncDisposable {
  readonly #agents: readonly Agent[];
  readonly #asking: Promise<unknown>;
  readonly #waiting = new Map<number, () => void>();
  readonly #seen = new Set<number>();
  #ended = false;
  #opened = 0;

  constructor(url: string, count: number) {
    this.#agents = Array.from({ length: count }, () => new Agent({ keepAlive: true }));
    this.#asking = Promise.all(this.#agents.map((agent) => this.#ask(url, agent)));
  }

  /** How many connections there were in all. */
  get opened(): number {
    return this.#opened;
  }

  /** Resolves when the worker with this pid has answered on one of them. */
  async reach(pid: number): Promise<void> {
    if (this.#seen.has(pid)) return;
    await new Promise<void>((resolve) => this.#waiting.set(pid, resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#asking;
    for (const agent of this.#agents) agent.destroy();
  }

  async #ask(url: string, agent: Agent): Promise<void> {
    while (!this.#ended) {
      const { pid } = JSON.parse(await this.#answer(url, agent)) as { readonly pid: number };
      this.#seen.add(pid);
      this.#waiting.get(pid)?.();
    }
  }

  #answer(url: string, agent: Agent): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = get(url, { agent }, (response) => text(response).then(resolve, reject));
      request.on('error', reject);
      request.on('socket', (socket) => {
        if (socket.connecting) this.#opened += 1;
      });
    });
  }
}
