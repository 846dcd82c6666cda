import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { HttpMethod } from '../../protocol/contract.ts';
import { defaultHttp } from '../../protocol/http.ts';
import { successStatus } from '../../protocol/http-status.ts';
import { streamOf } from '../front/answer/items.ts';
import { jsonText } from '../front/answer/json-text.ts';
import { errorAnswer, noRouteAnswer, type WholeAnswer } from '../front/answer/whole-answer.ts';
import { admit } from '../front/auth/guard.ts';
import type { Identity } from '../front/auth/tokens.ts';
import { httpError, parseBody, tooLarge } from '../front/body.ts';
import { luggageOf } from '../front/luggage.ts';
import { keyedOf, Once } from '../front/once.ts';
import { hostOf } from '../front/proxies.ts';
import { refusalOf } from '../front/request-check.ts';
import { type Match, Routes } from '../front/routes.ts';
import type { OutboundCall } from '../rpc/calls.ts';
import { isStream } from '../rpc/streams/stream.ts';
import { newTraceparent } from '../rpc/trace.ts';
import type { Hosted } from '../worker/hosted.ts';

export type HttpOptions = {
  /** Of the request, such as `host` or `idempotency-key`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whom the token of the request names: it is taken for valid, whatever it is. */
  readonly identity?: Identity;
};

export type Answer = {
  readonly status: number;
  /** What belongs to what is said, such as `allow` or `retry-after`; absent when there is nothing. */
  readonly headers?: Readonly<Record<string, string>>;
  /** As its JSON reads; of a stream, its items as theirs do. */
  readonly body: unknown;
};

export type Asked = HttpOptions & {
  readonly method: HttpMethod;
  readonly url: string;
  readonly body: unknown;
};

/** Of a request and its answer what the front looks at and sets, without a socket. */
type Visit = {
  readonly request: {
    readonly method: HttpMethod;
    readonly url: string;
    readonly headers: IncomingHttpHeaders;
  };
  readonly response: Head;
  readonly text: string;
  readonly traceparent: string;
  readonly identity: Identity | undefined;
};

class Head {
  readonly headers: Record<string, string> = {};
  readonly headersSent = false;

  setHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
}

const form = 'application/x-www-form-urlencoded';
const { limits } = defaultHttp;

/** Answers contract routes by the rules of the HTTP front, those of an app that has set none itself. */
export class FrontUnderTest {
  readonly #send: (call: OutboundCall) => Promise<unknown>;
  readonly #once = new Once();
  #routes = new Routes({});

  constructor(send: (call: OutboundCall) => Promise<unknown>) {
    this.#send = send;
  }

  serve(services: Iterable<Hosted>): void {
    this.#routes = new Routes(
      Object.fromEntries([...services].map(({ name, contract }) => [name, { contract }])),
    );
  }

  async answer(asked: Asked): Promise<Answer> {
    const visit = visitOf(asked);
    const failed = (error: unknown): WholeAnswer => errorAnswer(error, visit.traceparent);
    const { status, headers, body } = await this.#answer(visit).catch(failed);
    const said = { ...visit.response.headers, ...headers };
    return {
      status,
      ...(Object.keys(said).length === 0 ? {} : { headers: said }),
      body: asked.method === 'HEAD' ? undefined : body,
    };
  }

  async #answer(visit: Visit): Promise<WholeAnswer> {
    const { method, url } = visit.request;
    const host = hostOf(visit.request);
    const problem = problemOf(visit);
    if (problem !== undefined) throw httpError(400, problem);
    const match = this.#routes.find(method, url, host);
    if (match?.handler === undefined) return noRouteAnswer(this.#routes, { url, host });
    const value = await this.#ask(visit, { ...match, handler: match.handler });
    if (isStream(value)) return itemsAnswer(method, value);
    const body = value === undefined ? undefined : JSON.parse(jsonText(value));
    return { status: successStatus(method, value), headers: {}, body };
  }

  async #ask(visit: Visit, match: Match & { readonly handler: string }): Promise<unknown> {
    const { request, response, traceparent } = visit;
    const { service, handler: method, params, query, terms } = match;
    const identity =
      terms?.auth === undefined ? undefined : await admit(visit, terms.auth, tokensOf(visit));
    const body = bodyOf(visit, terms?.body ?? limits.body);
    const keyed = keyedOf(request, match, { body, identity });
    const work = (): Promise<unknown> =>
      this.#send({
        kind: 'route',
        service,
        method,
        args: [body, { ...params }, { ...query }],
        from: 'ingress',
        traceparent,
        carried: luggageOf({ hops: 0 }, { keyed, identity }),
      });
    return keyed === undefined ? work() : this.#once.ask(keyed, { work, response });
  }
}

const visitOf = ({ method, url, body, headers = {}, identity }: Asked): Visit => {
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const all: IncomingHttpHeaders = {
    host: 'localhost',
    ...(identity === undefined ? {} : { authorization: 'Bearer of-the-test' }),
    ...Object.fromEntries(named),
  };
  const isForm = typeof body === 'string' && all['content-type']?.startsWith(form) === true;
  const text = isForm ? body : (JSON.stringify(body) ?? '');
  return {
    request: { method, url, headers: all },
    response: new Head(),
    text,
    traceparent: newTraceparent(),
    identity,
  };
};

const problemOf = ({ request: { url, headers } }: Visit): string | undefined =>
  refusalOf({
    url,
    httpVersion: '1.1',
    headers,
    rawHeaders: Object.entries(headers).flatMap(([name, value]) => [name, String(value)]),
  });

/** A token says of roles and scopes at least that there are none. */
const tokensOf =
  ({ identity }: Visit) =>
  async () => ({
    identify: async (): Promise<Identity> => {
      if (identity === undefined) throw new Error('No identity was given with it');
      return { ...identity, auth: { roles: [], scopes: [], ...identity.auth } };
    },
  });

const bodyOf = ({ text, request: { headers } }: Visit, limit: number): unknown => {
  if (Buffer.byteLength(text) > limit) throw tooLarge(limit);
  return text === '' ? undefined : parseBody(text, headers);
};

const itemsAnswer = async (
  method: HttpMethod,
  items: AsyncIterable<unknown>,
): Promise<WholeAnswer> => {
  const { status, body } = await streamOf(items, () => undefined);
  if (method === 'HEAD') body.destroy();
  return { status, headers: {}, body: itemsIn(body) };
};

async function* itemsIn(lines: Readable): AsyncGenerator<unknown> {
  for await (const line of lines) yield JSON.parse(String(line));
}
