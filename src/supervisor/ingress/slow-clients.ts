import type { IncomingMessage, ServerResponse } from 'node:http';

/** Node's own limits: for the head of a request, and for an answer that the client does not read. */
export const limits = {
  headersTimeout: 5_000,
  connectionsCheckingInterval: 500,
  // A body may take as long as it makes progress; see below.
  requestTimeout: 0,
  // Longer than a proxy in front keeps its connections, which is mostly 60 s: it closes first.
  keepAliveTimeout: 65_000,
} as const;

export const stalledAfterMs = 3_000;
const leastBytes = 1_024;

/**
 * Hangs up on a client that sends its body slower than a kilobyte in three seconds. Of a body that
 * the service is slow to read, something is always waiting here.
 */
export const watchUpload = (
  request: IncomingMessage,
  response: ServerResponse,
  refuse: () => void,
): void => {
  let before = request.socket.bytesRead;
  const timer = setInterval(() => {
    const { bytesRead } = request.socket;
    const isSlow = bytesRead - before < leastBytes && request.readableLength === 0;
    before = bytesRead;
    if (isSlow) refuse();
  }, stalledAfterMs);
  const end = (): void => clearInterval(timer);
  request.once('end', end);
  response.once('close', end);
};
