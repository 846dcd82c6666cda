import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** Of an answer what its headers are set on. */
export type SetsHeaders = { readonly setHeader: (name: string, value: string) => unknown };

/** Headers that speak of one connection, not of the message. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

const ofTheMessage = (headers: IncomingHttpHeaders): OutgoingHttpHeaders => {
  const named = String(headers.connection ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase());
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.includes(name)),
  );
};

/**
 * What a client may tell a worker. Names with an underscore are dropped: to a program that makes
 * variables of headers, `x_forge_user` is `x-forge-user`. So are all others of unusual signs, such
 * as `'transfer-encoding`, which somebody may tidy up, and the fields of HTTP/2 with a colon.
 */
export const passedIn = (headers: IncomingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(
    Object.entries(ofTheMessage(headers)).filter(
      ([name]) => !isOurs(name) && !isOfProxies(name) && plainName.test(name),
    ),
  );

/** What a worker may tell a client. */
export const passedOut = (headers: IncomingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(ofTheMessage(headers)).filter(([name]) => !isOurs(name)));

const plainName = /^[a-z0-9-]+$/;

/** Inside, these headers are believed; the ingress has also done what `expect` asks for. */
const isOurs = (name: string): boolean => name.startsWith('x-forge-') || name === 'expect';

/** Where a request came from is said anew by whoever passes it on. */
const isOfProxies = (name: string): boolean =>
  name.startsWith('x-forwarded-') || name === 'forwarded' || name === 'x-real-ip';
