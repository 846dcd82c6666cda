import type { HttpMethod, Priority, RouteAuth } from '../../protocol/contract.ts';
import type { CallsSettings, HttpSettings } from '../../protocol/http.ts';
import { successStatus } from '../../protocol/http-status.ts';
import type { Admission } from '../../sdk/front/admission/admission.ts';
import type { Leave } from '../../sdk/front/admission/gate.ts';
import type { Answers, StreamedAnswer } from '../../sdk/front/answer/answers.ts';
import { streamOf } from '../../sdk/front/answer/items.ts';
import type { Arrivals } from '../../sdk/front/arrivals.ts';
import type { Guard } from '../../sdk/front/auth/guard.ts';
import type { Identity } from '../../sdk/front/auth/tokens.ts';
import { httpError, readBody, tooLarge } from '../../sdk/front/body.ts';
import { type Exchange, hasBody, isGone } from '../../sdk/front/exchange.ts';
import { luggageOf } from '../../sdk/front/luggage.ts';
import { type Keyed, keyedOf, type Once } from '../../sdk/front/once.ts';
import { hostOf } from '../../sdk/front/proxies.ts';
import type { Match } from '../../sdk/front/routes.ts';
import { ingress, type OutboundCall } from '../../sdk/rpc/calls.ts';
import { Cancellation } from '../../sdk/rpc/cancellation.ts';
import type { RefusedAnswers } from '../../sdk/rpc/refused-answers.ts';
import { isStream } from '../../sdk/rpc/streams/stream.ts';
import { Mounts } from './mounts/mounts.ts';
import type { Backends } from './upstream/backends.ts';

export type RequestParts = {
  readonly http: HttpSettings;
  readonly admission: Admission;
  readonly answers: Answers;
  readonly arrivals: Arrivals;
  readonly backends: Backends;
  readonly once: Once;
  readonly guard: Guard;
  readonly isLeaving: () => boolean;
  readonly refusedAnswers: RefusedAnswers;
};

type Call = Match & { readonly handler: string };
type Asked = Pick<OutboundCall, 'kind' | 'service' | 'method' | 'args'> & {
  readonly priority?: Priority | undefined;
  readonly keyed?: Keyed | undefined;
  readonly identity: Identity | undefined;
};

const callPath = '/__forge/call/';
/** The name of a service may have dots in it, that of a method has none. */
const callPattern = /^\/__forge\/call\/([^/?]+)\.([^./?]+)$/;

const calledIn = (
  url: string,
  settings: CallsSettings | undefined,
): (Pick<OutboundCall, 'service' | 'method'> & { readonly wanted: RouteAuth }) | undefined => {
  const [, service = '', method = ''] = callPattern.exec(url) ?? [];
  return settings?.services.includes(service) ? { service, method, wanted: settings } : undefined;
};

/** Takes each request to where it is answered. */
export class Requests {
  readonly #parts: RequestParts;
  readonly #mounts: Mounts;
  readonly #admission: Admission;

  constructor(parts: RequestParts) {
    this.#parts = parts;
    this.#mounts = new Mounts(parts.http.mounts);
    this.#admission = parts.admission;
  }

  /** On the port of a command everything goes to it, on that of the app to where the routes say. */
  answer(exchange: Exchange, command: string | undefined): Promise<void> | undefined {
    return command === undefined ? this.#route(exchange) : this.#stream(command, exchange);
  }

  #route(exchange: Exchange): Promise<void> | undefined {
    const { request } = exchange;
    const { method = 'GET', url = '/' } = request;
    if (this.#parts.answers.health(exchange, !this.#parts.isLeaving())) {
      exchange.route = '(health)';
      return undefined;
    }
    const { calls } = this.#parts.http;
    if (calls !== undefined && url.startsWith(callPath)) return this.#calledBy(exchange);
    const { backends } = this.#parts;
    const match = backends.routes.find(method, url, hostOf(request));
    if (match === undefined) return this.#file(exchange);
    exchange.route = `${method} ${match.path}`;
    const { handler } = match;
    return handler === undefined
      ? // The parser knows no other methods than a route can have.
        this.#stream(backends.takerOf(match, { method: method as HttpMethod }), exchange)
      : this.#call({ ...match, handler }, exchange);
  }

  async #file(exchange: Exchange): Promise<void> {
    const answer = await this.#mounts.answer(exchange.request);
    if (answer === undefined) this.#parts.answers.notFound(exchange, this.#parts.backends.routes);
    else {
      exchange.route = '(file)';
      this.#send(exchange, answer);
    }
  }

  #send(exchange: Exchange, answer: StreamedAnswer): void {
    if (isGone(exchange.response)) {
      answer.body.destroy();
      return;
    }
    const end = this.#parts.answers.stream(exchange, answer);
    exchange.response.once('close', () => answer.body.destroy());
    answer.body.once('error', end);
    exchange.end = end;
  }

  /** Another app calls a method, as a service of this one would. */
  async #calledBy(exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const { http, answers, backends, guard } = this.#parts;
    const called = calledIn(request.url ?? '', http.calls);
    if (called === undefined) return answers.notFound(exchange, backends.routes);
    exchange.route = '(call)';
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      throw httpError(405, 'Methods are called by POST');
    }
    const identity = await guard.admit(exchange, called.wanted);
    const args = hasBody(request) ? await readBody(request, http.limits.body) : [];
    if (!Array.isArray(args)) throw httpError(400, 'The arguments of a method are a JSON array');
    const { service, method } = called;
    const value = await this.#ask(exchange, { kind: 'call', service, method, args, identity });
    if (isStream(value)) await this.#items(exchange, value);
    else this.#json(exchange, value === undefined ? 204 : 200, value);
  }

  async #call(call: Call, exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const { http, once, guard } = this.#parts;
    const { auth, body: limit = http.limits.body } = call.terms ?? {};
    const identity = auth === undefined ? undefined : await guard.admit(exchange, auth);
    const body = hasBody(request) ? await readBody(request, limit) : undefined;
    const keyed = keyedOf(request, call, { body, identity });
    const { service, handler: method, params, query, priority } = call;
    const args = [body, { ...params }, { ...query }];
    const work = (): Promise<unknown> =>
      this.#ask(exchange, { kind: 'route', service, method, args, priority, keyed, identity });
    const value = await (keyed === undefined ? work() : once.ask(keyed, { work, response }));
    if (isStream(value)) await this.#items(exchange, value);
    else this.#json(exchange, successStatus(request.method, value), value);
  }

  async #items(exchange: Exchange, items: AsyncIterable<unknown>): Promise<void> {
    const { refusedAnswers } = this.#parts;
    const answer = await streamOf(items, (error) =>
      refusedAnswers.note(exchange.route ?? '', error),
    );
    this.#send(exchange, answer);
  }

  /** What a method answered, other than a route, may be nothing that JSON can write, such as a large integer. */
  #json(exchange: Exchange, status: number, value: unknown): void {
    const { answers, refusedAnswers } = this.#parts;
    try {
      answers.json(exchange, status, value);
    } catch (error) {
      refusedAnswers.note(exchange.route ?? '', error);
      throw error;
    }
  }

  #ask(exchange: Exchange, asked: Asked): Promise<unknown> {
    const { kind, service, method, args, priority = 'normal', keyed, identity } = asked;
    const { request } = exchange;
    const { arrivals, backends } = this.#parts;
    const { traceparent, carried } = arrivals.originOf(request);
    exchange.trace = traceparent;
    const cancellation = new Cancellation();
    // What runs once runs to its end: its client may ask for the answer again.
    if (keyed === undefined) exchange.cancellation = cancellation;
    const call: OutboundCall = {
      service,
      method,
      kind,
      args,
      from: ingress,
      traceparent,
      carried: luggageOf(carried, { keyed, identity }),
      idempotent: request.method === 'GET' || request.method === 'HEAD',
      cancellation,
    };
    const gate = this.#admission.gateOf(service);
    if (gate === undefined) return backends.call(call);
    const entry = { kind: `${request.method} ${method}`, priority, refused: refusedIn(exchange) };
    return gate.pass(entry, () => backends.call(call));
  }

  async #stream(service: string, exchange: Exchange): Promise<void> {
    const { request } = exchange;
    const { http, answers, arrivals, backends } = this.#parts;
    const limit = http.limits.upload;
    const length = Number(request.headers['content-length'] ?? 0);
    if (limit !== undefined && length > limit) throw tooLarge(limit);
    const headers = arrivals.headersFor(request);
    exchange.trace = String(headers['traceparent']);
    const forward = (leave?: Leave): Promise<void> =>
      backends.forward(service, exchange, {
        headers,
        limit,
        onAnswer: (answer) => {
          leave?.(answer.status < 400);
          exchange.end = answers.stream(exchange, answer);
        },
      });
    // How long a client takes to send says nothing of the service, and is no place in it.
    const gate = hasBody(request) ? undefined : this.#admission.gateOf(service);
    await (gate === undefined
      ? forward()
      : gate.pass({ kind: 'raw', priority: 'normal', refused: refusedIn(exchange) }, forward));
  }
}

const refusedIn = (exchange: Exchange) => (): void => {
  exchange.isRefusedEntry = true;
};
