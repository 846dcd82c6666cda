import type { IncomingMessage } from 'node:http';

const hostPattern = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?)(?::\d{1,5})?$/i;
const target = /^\/(?!\/)[^#\\\s]*$/;

type Checked = Pick<IncomingMessage, 'url' | 'httpVersion' | 'headers' | 'rawHeaders'>;

/**
 * What Node's parser lets through and two programs could read in two ways. Only requests with one
 * reading go on.
 */
export const refusalOf = (request: Checked): string | undefined =>
  versionProblem(request) ?? targetProblem(request) ?? hostProblem(request) ?? bodyProblem(request);

/** Node takes a line without a version for one of HTTP/0.9, which has no headers. */
const versionProblem = ({ httpVersion }: Checked): string | undefined =>
  httpVersion === '1.1' || httpVersion === '2.0' || httpVersion === '1.0'
    ? undefined
    : 'The version of HTTP is unknown here';

const targetProblem = ({ url }: Checked): string | undefined =>
  target.test(url ?? '') ? undefined : 'The request target is no path';

const twoHosts = 'A request names one host in its Host header';

const hostProblem = (request: Checked): string | undefined => {
  const { ':authority': authority, host } = request.headers;
  const isOne = authority !== undefined || countOf(request, 'host') === 1;
  // HTTP/1.0 knows no Host.
  if (host === undefined && request.httpVersion === '1.0') return undefined;
  // A program of HTTP/1 behind here reads the one, and routes may go by the other.
  if (authority !== undefined && host !== undefined && authority !== host) return twoHosts;
  return isOne && isHost(String(authority ?? host)) ? undefined : twoHosts;
};

/** Clients name the same host again and again. */
let lastHost = 'localhost';

export const isHost = (text: string): boolean => {
  if (text === lastHost) return true;
  if (!hostPattern.test(text)) return false;
  lastHost = text;
  return true;
};

const bodyProblem = (request: Checked): string | undefined => {
  const { 'transfer-encoding': encoding, 'content-length': length } = request.headers;
  if (encoding === undefined) return undefined;
  const isPlain =
    countOf(request, 'transfer-encoding') === 1 && encoding.toLowerCase() === 'chunked';
  return isPlain && length === undefined && request.httpVersion === '1.1'
    ? undefined
    : 'The length of the body can be read in two ways';
};

/** `headers` joins or drops what came twice. */
const countOf = ({ rawHeaders }: Checked, name: string): number => {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const each = rawHeaders[at];
    if (each?.length === name.length && each.toLowerCase() === name) count += 1;
  }
  return count;
};
