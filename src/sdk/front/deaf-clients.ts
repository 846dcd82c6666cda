import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { DeafSessions } from './deaf-sessions.ts';
import { type Exchange, streamIn } from './exchange.ts';

/** In bytes, since it came. */
type Moved = { readonly sent: number; readonly taken: number };

/**
 * Hangs up on clients that take nothing of their answers but go on to send, be it line ends or requests:
 * each of these starts the time of their sockets anew.
 */
export class DeafClients {
  readonly #sessions = new DeafSessions();
  #before: ReadonlyMap<Socket, Moved> = new Map();

  watch(session: Http2Session): void {
    this.#sessions.watch(session);
  }

  /** Of what is under way now, on who has taken nothing since it was looked at last. */
  hangUp(underway: readonly Exchange[]): void {
    const seen = new Map<Socket, Moved>();
    const streams: ServerHttp2Stream[] = [];
    for (const { request } of underway) {
      const stream = streamIn(request);
      if (stream !== undefined) streams.push(stream);
      // While it sends its own body it may be one that listens only after that.
      else if (request.complete) this.#look(request.socket, seen);
    }
    this.#before = seen;
    this.#sessions.hangUp(streams);
  }

  #look(socket: Socket, seen: Map<Socket, Moved>): void {
    const { bytesRead: sent, bytesWritten, writableLength } = socket;
    const taken = bytesWritten - writableLength;
    const before = this.#before.get(socket);
    if (writableLength > 0 && before?.taken === taken && before.sent < sent) socket.destroy();
    else seen.set(socket, { sent, taken });
  }
}
