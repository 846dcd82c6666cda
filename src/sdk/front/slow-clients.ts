import type { Socket } from 'node:net';
import type { HttpLimits } from '../../protocol/http.ts';
import { type Exchange, isHttp2 } from './exchange.ts';

/** Node's own limits, such as for the head of a request. */
export const serverLimits = (limits: HttpLimits) => ({
  maxHeaderSize: limits.head,
  headersTimeout: limits.headTime,
  connectionsCheckingInterval: 500,
  // A body may take as long as it makes progress; see below.
  requestTimeout: 0,
  // Longer than a proxy in front keeps its connections, which is mostly 60 s: it closes first.
  keepAliveTimeout: 65_000,
});

const leastBytes = 1_024;

/**
 * Hangs up on a client that sends its body slower than a kilobyte in so long. Of a body that the
 * service is slow to read, something is always waiting here.
 */
export const watchUpload = (
  { request, response }: Exchange,
  stallMs: number,
  refuse: () => void,
): void => {
  let before = request.socket.bytesRead;
  const timer = setInterval(() => {
    const { bytesRead } = request.socket;
    const isSlow = bytesRead - before < leastBytes && request.readableLength === 0;
    before = bytesRead;
    if (isSlow) refuse();
  }, stallMs);
  const end = (): void => clearInterval(timer);
  request.once('end', end);
  response.once('close', end);
};

/**
 * Has the socket say when nothing moved on it for so long, if the answer has not gone out by now: most
 * have, and each write and read would start the time anew. Streams of HTTP/2 have a time of their own.
 */
export const watchDownload = ({ request, response }: Exchange, stallMs: number): void => {
  if (isHttp2(request)) return;
  const { socket } = request;
  if (!response.writableEnded || socket.writableLength > 0) socket.setTimeout(stallMs);
};

/** In bytes, since it came. */
type Moved = { readonly sent: number; readonly taken: number };

/**
 * Hangs up on clients that take nothing of their answers but go on to send, be it line ends or requests:
 * each of these starts the time of their sockets anew.
 */
export class DeafClients {
  #before: ReadonlyMap<Socket, Moved> = new Map();

  /** Of what is under way now, on who has taken nothing since it was looked at last. */
  hangUp(underway: readonly Exchange[]): void {
    const seen = new Map<Socket, Moved>();
    for (const { request } of underway) {
      // While it sends its own body it may be one that listens only after that.
      if (isHttp2(request) || !request.complete) continue;
      const { socket } = request;
      const { bytesRead: sent, bytesWritten, writableLength } = socket;
      const moved = { sent, taken: bytesWritten - writableLength };
      const before = this.#before.get(socket);
      if (writableLength > 0 && before?.taken === moved.taken && before.sent < sent) {
        socket.destroy();
      } else seen.set(socket, moved);
    }
    this.#before = seen;
  }
}
