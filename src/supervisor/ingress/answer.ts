import type { ServerResponse } from 'node:http';
import { statusOf } from '../../protocol/http-status.ts';

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
  const { code } = error as { readonly code?: string };
  const status = statusOf(error);
  if (status === 503) response.setHeader('retry-after', '1');
  const message =
    status === 500 || !(error instanceof Error) ? 'The service failed' : error.message;
  answerJson(response, status, { error: { code: code ?? 'INTERNAL', message } });
};
