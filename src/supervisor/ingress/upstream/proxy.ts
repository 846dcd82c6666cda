import type {
  ClientRequest,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';
import { deadlineExceeded } from '../../../protocol/errors.ts';
import type { StreamedAnswer } from '../../../sdk/front/answer/answers.ts';
import { tooLarge } from '../../../sdk/front/body.ts';
import { cut, type Exchange, hasBody, isGone } from '../../../sdk/front/exchange.ts';
import { passedOut } from '../../../sdk/front/headers.ts';
import { executedOf } from '../../../sdk/rpc/calling/tries.ts';
import type { Upstream } from './upstreams.ts';

const http = process.getBuiltinModule('node:http');

export type ForwardOptions = {
  /** Those of the request, as the worker may see them. */
  readonly headers: OutgoingHttpHeaders;
  /** How long the worker may take from the end of the request to the head of its answer. */
  readonly timeoutMs: number | undefined;
  /** The most that the body may have. */
  readonly limit: number | undefined;
  /** The answer has begun. */
  readonly onAnswer: (answer: StreamedAnswer) => void;
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
    if (isGone(response)) return reject(clientGone());
    const outbound = open(upstream, request, options.headers);
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
      reject(isGone(response) ? clientGone() : upstream.failure(request.url ?? '/', error));
    });
    sendBody(request, outbound, options.limit);
    if (options.timeoutMs !== undefined) limitWait(outbound, options.timeoutMs);
  });

/** HTTP says that it changes nothing, or it did not reach the worker. */
export const mayRepeat = (request: IncomingMessage, error: unknown): boolean => {
  const isSafe = ['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? '') && !hasBody(request);
  const executed = executedOf(error);
  return executed === 'no' || (executed === 'maybe' && isSafe);
};

/** Nobody hears of it: it only ends the search for a worker. */
export const clientGone = (): Error => new Error('The client is gone');

const open = (
  upstream: Upstream,
  request: IncomingMessage,
  headers: OutgoingHttpHeaders,
): ClientRequest => {
  // Said outright: without it Node would send the body of a DELETE without any length.
  const isChunked = hasBody(request) && request.headers['content-length'] === undefined;
  const outbound = http.request({
    ...upstream.address,
    agent: upstream.agent,
    method: request.method,
    path: request.url,
    headers: isChunked ? { ...headers, 'transfer-encoding': 'chunked' } : headers,
  });
  upstream.began(outbound);
  return outbound;
};

/** Not before the connection stands: until then the request may go to another worker. */
const sendBody = (
  request: IncomingMessage,
  outbound: ClientRequest,
  most: number | undefined,
): void => {
  if (!hasBody(request)) {
    outbound.end();
    return;
  }
  const send = (): void => {
    request.pipe(outbound);
    if (most !== undefined) count(request, most, (error) => outbound.destroy(error));
  };
  outbound.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', send);
    else send();
  });
};

const count = (request: IncomingMessage, most: number, refuse: (error: Error) => void): void => {
  let length = 0;
  const add = (chunk: Buffer): void => {
    length += chunk.length;
    if (length <= most) return;
    request.off('data', add);
    refuse(tooLarge(most));
  };
  request.on('data', add);
};

const passBack = (
  answer: IncomingMessage,
  response: ServerResponse,
  onAnswer: ForwardOptions['onAnswer'],
): void => {
  onAnswer({
    status: answer.statusCode ?? 502,
    statusMessage: answer.statusMessage,
    headers: passedOut(answer.headers),
    body: answer,
  });
  answer.once('close', () => {
    // A client must see that the rest is missing.
    if (!answer.complete && !response.writableEnded) cut(response);
  });
};

/** From the end of the request to the head of its answer, whatever that is. */
export const limitWait = (outbound: ClientRequest, timeoutMs: number): void => {
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    const late = deadlineExceeded(outbound.path, timeoutMs);
    timer = setTimeout(() => outbound.destroy(late), timeoutMs);
  };
  const end = (): void => {
    outbound.off('finish', start);
    clearTimeout(timer);
  };
  outbound.once('finish', start).once('response', end).once('upgrade', end).once('close', end);
};
