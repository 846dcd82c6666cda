import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Crowd } from '../rpc/under-way/crowd.ts';
import {
  type Connection,
  closeAfter,
  type Exchange,
  type Line,
  lineOf,
  type Port,
} from './exchange.ts';

/** How those who leave get rid of their clients. */
type Departure = {
  readonly sweep: NodeJS.Timeout;
  readonly rested: PromiseWithResolvers<void>;
  readonly gone: PromiseWithResolvers<void>;
};

const sweepEveryMs = 100;

/** So many requests of one connection are answered at a time: as many as an HTTP/2 session may open. */
const mostAtOnce = 128;
/** Whoever sends so many more without a look at the answers means no good. */
const mostAhead = 1_024;

/** The connections of clients, and what is under way on each of them. */
export class Clients {
  readonly #open = new Map<object, Connection>();
  readonly #underway = new Crowd<Exchange>();
  #departure: Departure | undefined;

  get size(): number {
    return this.#open.size;
  }

  watch(server: Server, event: 'connection' | 'secureConnection'): void {
    server.on(event, (socket: Socket) => this.open(socket));
  }

  open(line: Line): void {
    const idleSince = performance.now();
    const rest = { underway: 0, end: undefined, idleSince, heard: 0, isShed: false, ahead: [] };
    this.#open.set(line, { line, ...rest });
    if (this.#departure !== undefined) sayGoodbye(line);
    line.once('close', () => {
      this.#open.delete(line);
      this.#check();
    });
  }

  /** Asks this part of the clients to come again, to somebody else: those who rest hear it later. */
  shed(share: number): void {
    let left = Math.ceil(this.#open.size * share);
    for (const connection of this.#open.values()) {
      if (left <= 0) return;
      left -= 1;
      connection.isShed = true;
      sayGoodbye(connection.line);
    }
  }

  /** False when its turn has not come: `ended` says when. */
  began(exchange: Exchange, port: Port): boolean {
    const connection = this.#open.get(lineOf(exchange.request));
    exchange.port = port;
    exchange.connection = connection;
    this.#underway.add(exchange);
    if (connection === undefined) return true;
    connection.underway += 1;
    if (connection.isShed) closeAfter(exchange);
    return connection.underway <= mostAtOnce || this.#isNext(exchange, connection);
  }

  /** What is to be answered in its place, if anything has been waiting for that. */
  ended(exchange: Exchange): Exchange | undefined {
    const { connection } = exchange;
    if (!this.#underway.delete(exchange) || connection === undefined) return undefined;
    connection.underway -= 1;
    if (connection.underway === 0) stopWatch(connection.line);
    // Before somebody leaves nobody asks so exactly since when it is idle.
    if (this.#departure !== undefined) connection.idleSince = performance.now();
    return connection.ahead.length === 0 ? undefined : nextAfter(exchange, connection);
  }

  /** One connection may ask for more than a thousand others: it is answered in portions, or not at all. */
  #isNext(exchange: Exchange, { line, ahead }: Connection): false {
    exchange.isAhead = true;
    ahead.push(exchange);
    if (ahead.length > mostAhead) line.destroy();
    return false;
  }

  /** A connection is no longer one of HTTP; said again, it changes how it is ended. */
  takenOver(line: Line, end: () => void): void {
    const connection = this.#open.get(line);
    if (connection !== undefined) connection.end = end;
  }

  underway(): readonly Exchange[] {
    return this.#underway.list();
  }

  /** Hangs up on whoever has said nothing for so long, as far as is seen by looking now and then. */
  closeSilent(silentMs: number): void {
    // Whoever leaves does so sooner.
    if (this.#departure !== undefined) return;
    const at = performance.now();
    for (const connection of this.#open.values()) {
      const { line, heard, idleSince } = connection;
      // A session keeps its own time.
      if (!isSocket(line)) continue;
      connection.heard = line.bytesRead;
      if (!isResting(connection) || connection.heard > heard) connection.idleSince = at;
      else if (idleSince <= at - silentMs) line.destroy();
    }
  }

  isIdle(line: Line): boolean {
    const connection = this.#open.get(line);
    return connection !== undefined && isResting(connection);
  }

  /** The answers that are still to come at this port are the last ones on their connections. */
  closeAfterAnswers(port: Port): void {
    for (const exchange of this.#underway.list()) {
      if (exchange.port === port) closeAfter(exchange);
    }
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
    for (const exchange of this.#underway.list()) giveUp(exchange);
    for (const connection of this.#open.values()) {
      connection.end?.();
      if (isResting(connection)) closeSoon(connection.line);
    }
    const limit = setTimeout(() => {
      for (const { line } of this.#open.values()) line.destroy();
    }, withinMs);
    await this.leave(0).gone;
    clearTimeout(limit);
  }

  #depart(lingerMs: number): Departure {
    const leavesAt = performance.now();
    for (const connection of this.#open.values()) {
      connection.idleSince = leavesAt;
      sayGoodbye(connection.line);
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
    for (const connection of this.#open.values()) {
      if (isResting(connection) && connection.idleSince <= restingSince) closeSoon(connection.line);
    }
    this.#check();
  }

  #check(): void {
    if (this.#departure === undefined) return;
    const { sweep, rested, gone } = this.#departure;
    if (![...this.#open.values()].some(isResting)) rested.resolve();
    if (this.#open.size > 0) return;
    clearInterval(sweep);
    gone.resolve();
  }
}

const isResting = ({ underway, end }: Connection): boolean => underway === 0 && end === undefined;

const nextAfter = (ended: Exchange, { line, ahead }: Connection): Exchange | undefined => {
  if (line.destroyed) ahead.length = 0;
  if (ended.isAhead) {
    ahead.splice(ahead.indexOf(ended), 1);
    return undefined;
  }
  const next = ahead.shift();
  if (next !== undefined) next.isAhead = false;
  return next;
};

const giveUp = (exchange: Exchange): void => {
  if (exchange.end === undefined) exchange.port?.giveUp(exchange);
  else exchange.end();
};

const isSocket = (line: Line): line is Socket => 'destroySoon' in line;

/** A session says at once that it takes no more; a socket says it with its next answer. */
const sayGoodbye = (line: Line): void => {
  if (!isSocket(line)) line.close();
};

/** Nothing is under way on it. */
const closeSoon = (line: Line): void => {
  if (isSocket(line)) line.destroySoon();
  else line.destroy();
};

/** It was to say when nothing moves on it; now it may rest. */
const stopWatch = (line: Line): void => {
  if (isSocket(line) && line.timeout) line.setTimeout(0);
};
