import type { Agent, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { unavailable } from '../../protocol/errors.ts';
import { answerError } from './answer.ts';

const http = process.getBuiltinModule('node:http');

/** Headers that speak of one connection, not of the message. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export const passedOn = (headers: IncomingMessage['headers']): OutgoingHttpHeaders => {
  const named = String(headers.connection ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.includes(name)),
  );
};

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

/** Streams a raw route to the worker that answers it, and its answer back. */
export const streamTo = (
  socketPath: string,
  { request, response }: Exchange,
  options: { readonly agent: Agent; readonly traceparent: string },
): void => {
  const outbound = http.request({
    socketPath,
    agent: options.agent,
    method: request.method,
    path: request.url,
    headers: { ...passedOn(request.headers), traceparent: options.traceparent },
  });
  outbound.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, passedOn(answer.headers));
    answer.pipe(response);
  });
  outbound.on('error', (cause) => {
    answerError(response, unavailable(request.url ?? '', 'maybe', cause.message));
  });
  response.on('close', () => {
    if (!response.writableFinished) outbound.destroy();
  });
  request.pipe(outbound);
};
