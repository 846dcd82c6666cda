import type { Routes } from '../routes.ts';
import { toldError } from './told-error.ts';

/** What a client gets all at once, before anybody has made a text of it. */
export type WholeAnswer = {
  readonly status: number;
  /** Those that belong to what it says, not those that every answer of a port has. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};

/** What a client is told of an error, and when it may come again. */
export const errorAnswer = (error: unknown, traceparent?: string): WholeAnswer => {
  const { status, body } = toldError(error, traceparent);
  if (status !== 503) return { status, headers: {}, body };
  const isStopped = body.error.code === 'SERVICE_STOPPED';
  return { status, headers: { 'retry-after': isStopped ? '30' : '1' }, body };
};

/** No route has this path, or none with this method. */
export const noRouteAnswer = (
  routes: Pick<Routes, 'allowed'>,
  { url, host }: { readonly url: string; readonly host: string },
): WholeAnswer => {
  const allowed = routes.allowed(url, host);
  const [path = ''] = url.split('?');
  if (allowed.length === 0) {
    const message = `No route ${path}`;
    return { status: 404, headers: {}, body: { error: { code: 'NOT_FOUND', message } } };
  }
  const message = `${path} takes ${allowed.join(', ')}`;
  return {
    status: 405,
    headers: { allow: allowed.join(', ') },
    body: { error: { code: 'METHOD_NOT_ALLOWED', message } },
  };
};
