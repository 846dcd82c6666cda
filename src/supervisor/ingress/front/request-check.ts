import type { IncomingMessage } from 'node:http';

const host = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?)(?::\d{1,5})?$/i;
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
  ['1.1', '1.0', '2.0'].includes(httpVersion) ? undefined : 'The version of HTTP is unknown here';

const targetProblem = ({ url }: Checked): string | undefined =>
  target.test(url ?? '') ? undefined : 'The request target is no path';

const hostProblem = (request: Checked): string | undefined => {
  const { ':authority': authority } = request.headers;
  const hosts = authority === undefined ? valuesOf(request, 'host') : [String(authority)];
  // HTTP/1.0 knows no Host.
  if (hosts.length === 0 && request.httpVersion === '1.0') return undefined;
  return hosts.length === 1 && host.test(hosts[0] ?? '')
    ? undefined
    : 'A request names one host in its Host header';
};

const bodyProblem = (request: Checked): string | undefined => {
  const encodings = valuesOf(request, 'transfer-encoding');
  if (encodings.length === 0) return undefined;
  const isPlain = encodings.length === 1 && encodings[0]?.toLowerCase() === 'chunked';
  const isOnlyLength = request.headers['content-length'] === undefined;
  return isPlain && isOnlyLength && request.httpVersion === '1.1'
    ? undefined
    : 'The length of the body can be read in two ways';
};

/** `headers` joins or drops what came twice. */
const valuesOf = ({ rawHeaders }: Checked, name: string): readonly string[] =>
  rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
