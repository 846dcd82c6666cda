import type { Server } from 'node:http';
import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** A connection: of HTTP/1 a socket, of HTTP/2 a session on one. */
type Line = Socket | Http2Session;

type Client = {
  /** What is under way on it → how that is ended when there is no more time. */
  readonly underway: Map<object, () => void>;
  idleSince: number;
  /** It is to go elsewhere: the next answer says so. */
  isShed: boolean;
};

/** How those who leave get rid of their clients. */
type Departure = {
  readonly sweep: NodeJS.Timeout;
  readonly rested: PromiseWithResolvers<void>;
  readonly gone: PromiseWithResolvers<void>;
};

const sweepEveryMs = 100;

/** The connections of clients, and what is under way on each of them. */
export class Clients {
  readonly #open = new Map<object, Client & { readonly line: Line }>();
  #departure: Departure | undefined;

  get size(): number {
    return this.#open.size;
  }

  watch(server: Server, event: 'connection' | 'secureConnection'): void {
    server.on(event, (socket: Socket) => this.open(socket));
  }

  open(line: Line): void {
    const idleSince = performance.now();
    this.#open.set(line, { line, underway: new Map(), idleSince, isShed: false });
    if (this.#departure !== undefined) sayGoodbye(line);
    line.once('close', () => {
      this.#open.delete(line);
      this.#check();
    });
  }

  /** Asks this part of the clients to come again, to somebody else: those who rest hear it later. */
  shed(share: number): void {
    let left = Math.ceil(this.#open.size * share);
    for (const client of this.#open.values()) {
      if (left <= 0) return;
      left -= 1;
      client.isShed = true;
      sayGoodbye(client.line);
    }
  }

  isShed(line: object): boolean {
    return this.#open.get(line)?.isShed === true;
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
   * Resolves when every connection is closed, and before that `rested` when nothing new can come by
   * any of them. One that rests is closed after it had the time to send one more request and to be
   * told to close: an answer says so, a reset does not. However long it has been resting, that time
   * begins now.
   */
  leave(lingerMs: number): { readonly rested: Promise<void>; readonly gone: Promise<void> } {
    const departure = this.#departure ?? this.#depart(lingerMs);
    return { rested: departure.rested.promise, gone: departure.gone.promise };
  }

  /** They are welcome again. */
  stay(): void {
    clearInterval(this.#departure?.sweep);
    this.#departure = undefined;
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
    await this.leave(0).gone;
    clearTimeout(limit);
  }

  #depart(lingerMs: number): Departure {
    const leavesAt = performance.now();
    for (const client of this.#open.values()) {
      client.idleSince = leavesAt;
      sayGoodbye(client.line);
    }
    this.#departure = {
      sweep: setInterval(() => this.#closeIdle(lingerMs), sweepEveryMs),
      rested: Promise.withResolvers<void>(),
      gone: Promise.withResolvers<void>(),
    };
    this.#check();
    return this.#departure;
  }

  #closeIdle(lingerMs: number): void {
    const restingSince = performance.now() - lingerMs;
    for (const { line, underway, idleSince } of this.#open.values()) {
      if (underway.size === 0 && idleSince <= restingSince) closeSoon(line);
    }
    this.#check();
  }

  #check(): void {
    if (this.#departure === undefined) return;
    const { sweep, rested, gone } = this.#departure;
    if (![...this.#open.values()].some(({ underway }) => underway.size === 0)) rested.resolve();
    if (this.#open.size > 0) return;
    clearInterval(sweep);
    gone.resolve();
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
