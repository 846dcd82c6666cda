import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { deadlineExceeded } from '../../protocol/errors.ts';
import { isEventStream } from '../../protocol/event-stream.ts';
import { executedOf } from '../../sdk/rpc/tries.ts';
import { passedOut } from './headers.ts';
import type { Upstream } from './upstreams.ts';

const http = process.getBuiltinModule('node:http');

export type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

export type ForwardOptions = {
  readonly traceparent: string;
  /** How long the worker may take from the end of the request to the head of its answer. */
  readonly timeoutMs: number | undefined;
  /** The answer has begun; what is given ends it before its time. */
  readonly onAnswer: (end: () => void) => void;
};

/**
 * Streams a raw request to a worker and its answer back, as fast as the slower end reads. Resolves
 * when the answer has begun; until then nothing was sent to the client.
 */
export const forward = (
  upstream: Upstream,
  { request, response }: Exchange,
  options: ForwardOptions,
): Promise<void> =>
  new Promise((resolve, reject) => {
    if (response.destroyed) return reject(clientGone());
    const outbound = open(upstream, request, options.traceparent);
    const abandon = (): void => void outbound.destroy();
    // Also when the answer is over before the request is.
    response.once('close', abandon);
    outbound.once('response', (answer) => {
      try {
        passBack(answer, response, options.onAnswer);
        resolve();
      } catch (error) {
        // A head that may not be sent on: the worker's fault, and no reason to end here.
        reject(error);
        outbound.destroy();
      }
    });
    outbound.once('error', (error) => {
      response.off('close', abandon);
      reject(response.destroyed ? clientGone() : upstream.failure(request.url ?? '/', error));
    });
    sendBody(request, outbound);
    if (options.timeoutMs !== undefined) limit(outbound, options.timeoutMs);
  });

/** HTTP says that it changes nothing, or it did not reach the worker. */
export const mayRepeat = (request: IncomingMessage, error: unknown): boolean => {
  const isSafe = ['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? '') && !hasBody(request);
  const executed = executedOf(error);
  return executed === 'no' || (executed === 'maybe' && isSafe);
};

/** Nobody hears of it: it only ends the search for a worker. */
export const clientGone = (): Error => new Error('The client is gone');

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const open = (upstream: Upstream, request: IncomingMessage, traceparent: string): ClientRequest => {
  // Said outright: without it Node would send the body of a DELETE without any length.
  const isChunked = request.headers['transfer-encoding'] !== undefined;
  const outbound = http.request({
    ...upstream.address,
    agent: upstream.agent,
    method: request.method,
    path: request.url,
    headers: {
      ...upstream.headersOf(request),
      ...(isChunked ? { 'transfer-encoding': 'chunked' } : {}),
      traceparent,
    },
  });
  upstream.began(outbound);
  return outbound;
};

/** Not before the connection stands: until then the request may go to another worker. */
const sendBody = (request: IncomingMessage, outbound: ClientRequest): void => {
  if (!hasBody(request)) {
    outbound.end();
    return;
  }
  outbound.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', () => request.pipe(outbound));
    else request.pipe(outbound);
  });
};

const passBack = (
  answer: IncomingMessage,
  response: ServerResponse,
  onAnswer: ForwardOptions['onAnswer'],
): void => {
  const { 'content-length': length, 'content-type': type } = answer.headers;
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, passedOut(answer.headers));
  // A stream may have a head long before it has a body.
  if (length === undefined) response.flushHeaders();
  answer.pipe(response);
  answer.once('close', () => {
    // A client must see that the rest is missing.
    if (!answer.complete && !response.writableEnded) response.destroy();
  });
  onAnswer(() => {
    answer.unpipe(response);
    if (isEventStream(type)) response.end();
    else response.destroy();
  });
};

const limit = (outbound: ClientRequest, timeoutMs: number): void => {
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    const late = deadlineExceeded(outbound.path, timeoutMs);
    timer = setTimeout(() => outbound.destroy(late), timeoutMs);
  };
  const end = (): void => {
    outbound.off('finish', start);
    clearTimeout(timer);
  };
  outbound.once('finish', start).once('response', end).once('close', end);
};
