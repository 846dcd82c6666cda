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
