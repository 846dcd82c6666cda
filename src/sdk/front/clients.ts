import type { Server } from 'node:http';
import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** A connection: of HTTP/1 a socket, of HTTP/2 a session on one. */
type Line = Socket | Http2Session;

type Client = {
  /** What is under way on it → how that is ended when there is no more time. */
  readonly underway: Map<object, () => void>;
  idleSince: number;
};

const sweepEveryMs = 100;

/** The connections of clients, and what is under way on each of them. */
export class Clients {
  readonly #open = new Map<object, Client & { readonly line: Line }>();
  readonly #gone = Promise.withResolvers<void>();
  #isLeaving = false;

  watch(server: Server, event: 'connection' | 'secureConnection'): void {
    server.on(event, (socket: Socket) => this.open(socket));
  }

  open(line: Line): void {
    this.#open.set(line, { line, underway: new Map(), idleSince: performance.now() });
    if (this.#isLeaving) sayGoodbye(line);
    line.once('close', () => {
      this.#open.delete(line);
      this.#check();
    });
  }

  /** Said again for the same exchange, it changes how that is ended. */
  began(line: object, exchange: object, end: () => void): void {
    this.#open.get(line)?.underway.set(exchange, end);
  }

  ended(line: object, exchange: object): void {
    const client = this.#open.get(line);
    client?.underway.delete(exchange);
    if (client) client.idleSince = performance.now();
  }

  isIdle(line: object): boolean {
    return this.#open.get(line)?.underway.size === 0;
  }

  /**
   * Resolves when every connection is closed. One that rests is closed after it had the time to
   * send one more request and to be told to close: an answer says so, a reset does not. However
   * long it has been resting, that time begins now.
   */
  async leave(lingerMs: number): Promise<void> {
    this.#isLeaving = true;
    const leavesAt = performance.now();
    for (const client of this.#open.values()) {
      client.idleSince = leavesAt;
      sayGoodbye(client.line);
    }
    const sweep = setInterval(() => this.#closeIdle(lingerMs), sweepEveryMs);
    this.#check();
    await this.#gone.promise;
    clearInterval(sweep);
  }

  /** Ends what is under way, and closes every connection within this time. */
  async end(withinMs: number): Promise<void> {
    for (const { line, underway } of this.#open.values()) {
      for (const end of underway.values()) end();
      if (underway.size === 0) closeSoon(line);
    }
    const limit = setTimeout(() => {
      for (const { line } of this.#open.values()) line.destroy();
    }, withinMs);
    this.#isLeaving = true;
    this.#check();
    await this.#gone.promise;
    clearTimeout(limit);
  }

  #closeIdle(lingerMs: number): void {
    const restingSince = performance.now() - lingerMs;
    for (const { line, underway, idleSince } of this.#open.values()) {
      if (underway.size === 0 && idleSince <= restingSince) closeSoon(line);
    }
  }

  #check(): void {
    if (this.#isLeaving && this.#open.size === 0) this.#gone.resolve();
  }
}

/** A session says at once that it takes no more; a socket says it with its next answer. */
const sayGoodbye = (line: Line): void => {
  if (!('destroySoon' in line)) line.close();
};

/** Nothing is under way on it. */
const closeSoon = (line: Line): void => {
  if ('destroySoon' in line) line.destroySoon();
  else line.destroy();
};
