import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { resetStream } from './exchange.ts';
import { leastBytes } from './slow-clients.ts';
import { movesOf } from './stream-moves.ts';

/** A socket of TLS as Node has it, which writes into another. What is on its way is told in no other way. */
type Wire = {
  readonly bytesWritten: number;
  readonly _handle?: { readonly writeQueueSize: number } | null;
  readonly _parent?: Socket | null;
};

const onItsWay = ({ _handle }: Wire): number => _handle?.writeQueueSize ?? 0;

/** Bytes that the system has taken for the client. */
const takenFrom = (wire: Wire): number => {
  const lowest: Wire = wire._parent ?? wire;
  return lowest.bytesWritten - onItsWay(lowest);
};

/** A session when it was looked at. */
type Look = {
  readonly taken: number;
  readonly isSending: boolean;
  /** Streams with something unsent, and how many writes of each had been taken. */
  readonly waiting: ReadonlyMap<ServerHttp2Stream, number>;
};

const before: Look = { taken: 0, isSending: false, waiting: new Map() };

/**
 * A client of HTTP/2 may listen to its session and leave the answers on it unread: for each of them it
 * takes a kilobyte from one look to the next, or they are given up. Whoever takes nothing of what is on
 * its way is hung up on, also one that has left: a session that is sending does not hear of it.
 */
export class DeafSessions {
  readonly #seen = new Map<Http2Session, Look>();

  watch(session: Http2Session): void {
    this.#seen.set(session, before);
    session.once('close', () => this.#seen.delete(session));
  }

  hangUp(underway: readonly ServerHttp2Stream[]): void {
    const unsent = Map.groupBy(underway.filter(isUnread), ({ session }) => session);
    for (const [session, last] of this.#seen) {
      if (!session.destroyed) this.#look(session, last, unsent.get(session) ?? []);
    }
  }

  #look(session: Http2Session, last: Look, streams: readonly ServerHttp2Stream[]): void {
    const wire: Wire = session.socket;
    const taken = takenFrom(wire);
    const isSending = onItsWay(wire) > 0;
    if (isSending && last.isSending && taken === last.taken) {
      session.destroy();
      // By itself that would wait until the client has taken the rest.
      wire._parent?.destroy();
      return;
    }
    const stuck = streams.filter((stream) => last.waiting.get(stream) === movesOf(stream).taken);
    if (taken - last.taken < leastBytes * stuck.length) for (const each of stuck) resetStream(each);
    const waiting = new Map(streams.map((stream) => [stream, movesOf(stream).taken]));
    this.#seen.set(session, { taken, isSending, waiting });
  }
}

/** While a client sends its own body it may be one that listens only after that. */
const isUnread = ({ destroyed, writableLength, state }: ServerHttp2Stream): boolean =>
  !destroyed && writableLength > 0 && state.remoteClose === 1;
