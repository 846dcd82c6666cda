import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';
import type { CorsSettings, HttpSettings } from '../../../protocol/http.ts';

export const jsonType = 'application/json; charset=utf-8';

/** What every answer says besides what its service says, which wins. */
export class HeadPolicy {
  /** On every answer, whatever was asked. */
  readonly always: OutgoingHttpHeaders;
  /** Of an answer in JSON, but for its length. */
  readonly #json: readonly OutgoingHttpHeader[];
  readonly #cors: CorsSettings | undefined;

  constructor({ cors, securityHeaders, tls }: HttpSettings) {
    this.#cors = cors;
    this.always = {
      ...(securityHeaders ? protection : {}),
      ...(tls?.hsts === undefined
        ? {}
        : { 'strict-transport-security': `max-age=${Math.round(tls.hsts / 1_000)}` }),
    };
    this.#json = jsonList(this.always);
  }

  /** Names and values in turn, which Node writes in less time than it takes for those of an object. */
  ofJson(request: IncomingMessage, length: number): OutgoingHttpHeader[] {
    if (this.#cors === undefined) return [...this.#json, length];
    const permitted = withVary({ ...this.always, ...this.#permission(request) }, 'Origin');
    return [...jsonList(permitted), length];
  }

  complete(request: IncomingMessage, headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
    if (this.#cors === undefined) return { ...this.always, ...headers };
    return withVary({ ...this.always, ...this.#permission(request), ...headers }, 'Origin');
  }

  /** The answer to a browser that asks before it sends; undefined for any other request. */
  preflight({ method, headers }: IncomingMessage): OutgoingHttpHeaders | undefined {
    const cors = this.#cors;
    if (cors === undefined || method !== 'OPTIONS') return undefined;
    if (headers['access-control-request-method'] === undefined) return undefined;
    return {
      'access-control-allow-methods': cors.methods.join(', '),
      ...(cors.headers.length === 0
        ? {}
        : { 'access-control-allow-headers': cors.headers.join(', ') }),
      'access-control-max-age': String(Math.round(cors.maxAge / 1_000)),
      'content-length': 0,
    };
  }

  #permission({ headers: { origin } }: IncomingMessage): OutgoingHttpHeaders {
    const cors = this.#cors;
    if (cors === undefined || origin === undefined) return {};
    const isAny = cors.origins.includes('*');
    if (!isAny && !cors.origins.includes(origin)) return {};
    return {
      'access-control-allow-origin': isAny ? '*' : origin,
      ...(cors.credentials ? { 'access-control-allow-credentials': 'true' } : {}),
      ...(cors.expose.length === 0
        ? {}
        : { 'access-control-expose-headers': cors.expose.join(', ') }),
    };
  }
}

/** Takes nothing away that a page of today does without being asked. */
const protection: OutgoingHttpHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'referrer-policy': 'strict-origin-when-cross-origin',
};

const jsonList = (headers: OutgoingHttpHeaders): readonly OutgoingHttpHeader[] => [
  ...Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
  'content-type',
  jsonType,
  'content-length',
];

/** The answer depends on this header of the request, beside those that are named already. */
export const withVary = (headers: OutgoingHttpHeaders, name: string): OutgoingHttpHeaders => {
  const named = String(headers['vary'] ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  const isThere = named.some((each) => each === '*' || each.toLowerCase() === name.toLowerCase());
  return isThere ? headers : { ...headers, vary: [...named, name].join(', ') };
};
