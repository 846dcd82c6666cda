import type { Server } from 'node:http';
import type { Socket } from 'node:net';

type Client = {
  /** What is under way on it → how that is ended when there is no more time. */
  readonly underway: Map<object, () => void>;
  idleSince: number;
};

const sweepEveryMs = 100;

/** The connections of clients, and what is under way on each of them. */
export class Clients {
  readonly #open = new Map<Socket, Client>();
  readonly #gone = Promise.withResolvers<void>();
  #isLeaving = false;

  watch(server: Server): void {
    server.on('connection', (socket) => {
      this.#open.set(socket, { underway: new Map(), idleSince: performance.now() });
      socket.once('close', () => {
        this.#open.delete(socket);
        this.#check();
      });
    });
  }

  /** Said again for the same exchange, it changes how that is ended. */
  began(socket: Socket, exchange: object, end: () => void): void {
    this.#open.get(socket)?.underway.set(exchange, end);
  }

  ended(socket: Socket, exchange: object): void {
    const client = this.#open.get(socket);
    client?.underway.delete(exchange);
    if (client) client.idleSince = performance.now();
  }

  isIdle(socket: Socket): boolean {
    return this.#open.get(socket)?.underway.size === 0;
  }

  /**
   * Resolves when every connection is closed. One that rests is closed after it had the time to
   * send one more request and to be told to close: an answer says so, a reset does not. However
   * long it has been resting, that time begins now.
   */
  async leave(lingerMs: number): Promise<void> {
    this.#isLeaving = true;
    const leavesAt = performance.now();
    for (const client of this.#open.values()) client.idleSince = leavesAt;
    const sweep = setInterval(() => this.#closeIdle(lingerMs), sweepEveryMs);
    this.#check();
    await this.#gone.promise;
    clearInterval(sweep);
  }

  /** Ends what is under way, and closes every connection within this time. */
  async end(withinMs: number): Promise<void> {
    for (const [socket, { underway }] of this.#open) {
      for (const end of underway.values()) end();
      if (underway.size === 0) socket.destroySoon();
    }
    const limit = setTimeout(() => {
      for (const socket of this.#open.keys()) socket.destroy();
    }, withinMs);
    this.#isLeaving = true;
    this.#check();
    await this.#gone.promise;
    clearTimeout(limit);
  }

  #closeIdle(lingerMs: number): void {
    const restingSince = performance.now() - lingerMs;
    for (const [socket, { underway, idleSince }] of this.#open) {
      if (underway.size === 0 && idleSince <= restingSince) socket.destroySoon();
    }
  }

  #check(): void {
    if (this.#isLeaving && this.#open.size === 0) this.#gone.resolve();
  }
}
