import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';

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
 * variables of headers, `x_forge_user` is `x-forge-user`.
 */
export const passedIn = (headers: IncomingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(
    Object.entries(ofTheMessage(headers)).filter(([name]) => !isOurs(name) && !name.includes('_')),
  );

/** What a worker may tell a client. */
export const passedOut = (headers: IncomingHttpHeaders): OutgoingHttpHeaders =>
  Object.fromEntries(Object.entries(ofTheMessage(headers)).filter(([name]) => !isOurs(name)));

/** An existing server knows its clients from this: each proxy on the way adds whom it heard. */
export const forwardedFor = ({ headers, socket }: IncomingMessage): string => {
  const client = socket.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown';
  return [headers['x-forwarded-for'] ?? [], client].flat().join(', ');
};

/** Inside, these headers are believed; the ingress has also done what `expect` asks for. */
const isOurs = (name: string): boolean => name.startsWith('x-forge-') || name === 'expect';
