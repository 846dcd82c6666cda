import type { ServerResponse } from 'node:http';

const statuses: Readonly<Record<string, number>> = {
  UNAVAILABLE: 503,
  RESOURCE_EXHAUSTED: 503,
  DEADLINE_EXCEEDED: 504,
  METHOD_NOT_EXPOSED: 404,
};

export const answerJson = (response: ServerResponse, status: number, value: unknown): void => {
  if (value === undefined) {
    response.writeHead(204).end();
    return;
  }
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
};

/** Says what is wrong with a request, and hangs up: what follows on its connection is not trusted. */
export const refuse = (response: ServerResponse, status: 400 | 408, message: string): void => {
  response.setHeader('connection', 'close');
  answerJson(response, status, { error: { code: `HTTP_${status}`, message } });
};

/** The error as a client may see it: code and message, never a stack. */
export const answerError = (response: ServerResponse, error: unknown): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { code, httpStatus } = error as { readonly code?: string; readonly httpStatus?: unknown };
  const status = isErrorStatus(httpStatus) ? httpStatus : (statuses[code ?? ''] ?? 500);
  if (status === 503) response.setHeader('retry-after', '1');
  const message =
    status === 500 || !(error instanceof Error) ? 'The service failed' : error.message;
  answerJson(response, status, { error: { code: code ?? 'INTERNAL', message } });
};

/** A service can throw anything; Node refuses a status that is none, and 2xx would be a lie. */
const isErrorStatus = (status: unknown): status is number =>
  typeof status === 'number' && Number.isInteger(status) && status >= 400 && status <= 599;
