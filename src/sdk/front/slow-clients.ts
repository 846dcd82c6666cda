import type { IncomingMessage } from 'node:http';
import type { HttpLimits } from '../../protocol/http.ts';
import { type Exchange, isHttp2, streamIn } from './exchange.ts';
import { movesOf } from './stream-moves.ts';

/** A connection rests so long. Longer than a proxy in front keeps its own, mostly 60 s: it closes first. */
export const restMs = 65_000;

/** Node's own limits, such as for the head of a request. */
export const serverLimits = (limits: HttpLimits) => ({
  maxHeaderSize: limits.head,
  headersTimeout: limits.headTime,
  connectionsCheckingInterval: 500,
  // A body may take as long as it makes progress; see below.
  requestTimeout: 0,
  // Node would set a timer behind each answer, and again with whatever is read and written.
  keepAliveTimeout: 0,
});

/** Of a body or an answer, from one look at it to the next. */
export const leastBytes = 1_024;

/**
 * Hangs up on a client that sends its body slower than a kilobyte in so long. Of a body that the
 * service is slow to read, something is always waiting here.
 */
export const watchUpload = (
  { request, response }: Exchange,
  stallMs: number,
  refuse: () => void,
): void => {
  let before = sentBy(request);
  const timer = setInterval(() => {
    const sent = sentBy(request);
    const isSlow = sent - before < leastBytes && request.readableLength === 0;
    before = sent;
    if (isSlow) refuse();
  }, stallMs);
  const end = (): void => clearInterval(timer);
  request.once('end', end);
  response.once('close', end);
};

/** What comes on a session may be of other requests, or of none. */
const sentBy = (request: IncomingMessage): number => {
  const stream = streamIn(request);
  return stream === undefined ? request.socket.bytesRead : movesOf(stream).sent;
};

/**
 * Has the socket say when nothing moved on it for so long, if the answer has not gone out by now: most
 * have, and each write and read would start the time anew. Streams of HTTP/2 are looked at instead.
 */
export const watchDownload = ({ request, response }: Exchange, stallMs: number): void => {
  if (isHttp2(request)) return;
  const { socket } = request;
  if (!response.writableEnded || socket.writableLength > 0) socket.setTimeout(stallMs);
};
