import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isAllSaid, lingerMs } from './answer/last-answer.ts';

/** What Node calls the answer that a connection is waiting for, and tells in no other way. */
type Answering = { readonly _httpMessage?: ServerResponse | null };

type Refusal = { readonly status: number; readonly message: string };

/** By Node's codes; all others of its parser are of requests that nobody can read. */
const refusals: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The head of the request came too slowly' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, message: 'The extensions of a chunk are too long' },
  HPE_HEADER_OVERFLOW: { status: 431, message: 'The head of the request is too long' },
};
const unreadable: Refusal = { status: 400, message: 'The request cannot be read' };

const refusalOf = (code: string): Refusal | undefined =>
  refusals[code] ?? (code.startsWith('HPE_') ? unreadable : undefined);

/**
 * Of a request that Node's parser could not read, or did not get in time: says so, unless an answer
 * has begun, and hangs up. Node alone would do that before an answer of ours to the head of the same
 * request has left.
 */
export const refuseUnreadable = (
  error: NodeJS.ErrnoException,
  socket: Socket,
  textOf: (status: number, message: string) => string,
): void => {
  const refusal = refusalOf(error.code ?? '');
  // Of a handshake, or of a connection that is broken.
  if (refusal === undefined) {
    socket.destroy(error);
    return;
  }
  const { _httpMessage: current } = socket as Answering;
  if (!socket.writable) socket.destroySoon();
  else if (!current?.headersSent) {
    const { status, message } = refusal;
    // Those who count it go by this, though it is not written by it.
    if (current) current.statusCode = status;
    endHearing(socket, textOf(status, message));
  } else if (isAllSaid(current)) endHearing(socket, '');
  else socket.destroy(error);
};

/** A client that is still sending would lose the answer by a reset; what it sends is read by nobody. */
export const endHearing = (socket: Socket, text: string): void => {
  socket.end(text);
  // Only a listener of one's own takes a socket from the parser, which may still find a request in it.
  socket.removeAllListeners('data').on('data', () => undefined);
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
};
