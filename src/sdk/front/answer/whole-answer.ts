import type { ForgeError } from '../../../protocol/forge-error.ts';
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
  const seconds = waitOf(error, { status, code: body.error.code });
  return { status, headers: seconds === undefined ? {} : { 'retry-after': String(seconds) }, body };
};

/** Who limits its rate knows when there is room again. */
const waitOf = (
  error: unknown,
  { status, code }: { readonly status: number; readonly code: string },
): number | undefined => {
  if (code === 'RATE_LIMITED') {
    const { waitMs } = { ...(error as Partial<ForgeError>).facts };
    return Math.max(1, Math.ceil(Number(waitMs ?? 0) / 1_000));
  }
  if (status !== 503) return undefined;
  return code === 'SERVICE_STOPPED' ? 30 : 1;
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
