import type { RouteEntry } from '../../protocol/contract.ts';
import { deadlineExceeded } from '../../protocol/errors.ts';
import type { HttpSettings } from '../../protocol/http.ts';
import { successStatus } from '../../protocol/http-status.ts';
import { Admission } from '../front/admission/admission.ts';
import type { Answers } from '../front/answer/answers.ts';
import { streamOf } from '../front/answer/items.ts';
import type { Arrivals } from '../front/arrivals.ts';
import { Guard } from '../front/auth/guard.ts';
import type { Identity } from '../front/auth/tokens.ts';
import { limitUpload, readBody } from '../front/body.ts';
import type { Upgrade } from '../front/door.ts';
import { type Exchange, giveSignal, hasBody } from '../front/exchange.ts';
import { luggageOf } from '../front/luggage.ts';
import { type Keyed, keyedOf, Once } from '../front/once.ts';
import { hostOf } from '../front/proxies.ts';
import { type Match, Routes } from '../front/routes.ts';
import { upgradeRefusal } from '../front/upgrade-refusal.ts';
import { now } from '../rpc/calls.ts';
import { Cancellation } from '../rpc/cancellation.ts';
import { Expiry } from '../rpc/expiry.ts';
import { isStream } from '../rpc/streams/stream.ts';
import { isThenable } from '../rpc/thenable.ts';
import { type Member, nowhere } from '../rpc/under-way/crowd.ts';
import type { Hosted } from '../worker/hosted.ts';
import type { RawRoutes } from '../worker/raw-routes.ts';
import { endStream } from '../worker/raw-traffic.ts';

export type EdgeRequestParts = {
  readonly http: HttpSettings;
  readonly answers: Answers;
  readonly arrivals: Arrivals;
  readonly hosted: Hosted;
  readonly rawRoutes: RawRoutes;
  readonly requestTimeoutMs: number;
  readonly isLeaving: () => boolean;
};

type Asked = {
  readonly body: unknown;
  readonly match: Match;
  readonly handler: string;
  readonly identity: Identity | undefined;
  readonly keyed?: Keyed;
};

type Waiting = Member & {
  readonly exchange: Exchange;
  readonly target: string;
  readonly sentAt: number;
  readonly deadlineAt: number;
};

/** Takes a request from its parser straight to the method or the raw route that answers it. */
export class EdgeRequests {
  readonly #parts: EdgeRequestParts;
  readonly #expiry = new Expiry<Waiting>(now, (waiting) => this.#expired(waiting));
  readonly #admission: Admission;
  readonly #once = new Once();
  readonly #guard: Guard;
  #routes = new Routes({});

  constructor(parts: EdgeRequestParts) {
    this.#parts = parts;
    this.#admission = new Admission(parts.http.admission);
    this.#guard = new Guard(parts.http.auth);
  }

  get routes(): Routes {
    return this.#routes;
  }

  async serve(routes: readonly RouteEntry[]): Promise<void> {
    this.#routes = new Routes({ [this.#parts.hosted.name]: { contract: { routes } } });
    await this.#guard.prepare(routes);
  }

  close(): void {
    this.#expiry.close();
  }

  answer(exchange: Exchange): Promise<void> | undefined {
    const { request } = exchange;
    const { method = 'GET', url = '/' } = request;
    const { answers, isLeaving, http } = this.#parts;
    if (answers.health(exchange, !isLeaving())) return undefined;
    const match = this.#routes.find(method, url, hostOf(request));
    if (match === undefined) {
      answers.notFound(exchange, this.#routes);
      return undefined;
    }
    if (http.accessLog !== undefined) exchange.route = `${method} ${match.path}`;
    const { handler } = match;
    if (handler === undefined) {
      this.#raw(exchange);
      return undefined;
    }
    const { auth } = match.terms ?? {};
    if (auth !== undefined) {
      const admitted = this.#guard.admit(exchange, auth);
      return admitted.then((identity) =>
        this.#read(exchange, { match, handler, identity, body: undefined }),
      );
    }
    return this.#read(exchange, { match, handler, identity: undefined, body: undefined });
  }

  #read(exchange: Exchange, asked: Asked): Promise<void> | undefined {
    const { request } = exchange;
    if (!hasBody(request)) return this.#admit(exchange, asked);
    const limit = asked.match.terms?.body ?? this.#parts.http.limits.body;
    return readBody(request, limit).then((body) => this.#admit(exchange, { ...asked, body }));
  }

  #admit(exchange: Exchange, asked: Asked): Promise<void> | undefined {
    const gate = this.#admission.gateOf(asked.match.service);
    if (gate === undefined) return this.#call(exchange, asked);
    const { handler, match } = asked;
    const kind = `${exchange.request.method} ${handler}`;
    return gate.pass({ kind, priority: match.priority }, async () => this.#call(exchange, asked));
  }

  upgrade({ request, socket, head }: Upgrade): void {
    const { arrivals, rawRoutes, requestTimeoutMs } = this.#parts;
    const { upgrade } = request.headers;
    const ours = { connection: 'upgrade', ...(upgrade === undefined ? {} : { upgrade }) };
    arrivals.rewrite(request, ours);
    const before = socket.bytesWritten;
    const limit = setTimeout(() => {
      if (socket.bytesWritten > before) return;
      socket.write(upgradeRefusal(504));
      socket.destroySoon();
    }, requestTimeoutMs);
    socket.once('close', () => clearTimeout(limit));
    rawRoutes.upgrade(request, { socket, head, isAccepted: true });
  }

  #call(exchange: Exchange, asked: Asked): Promise<void> | undefined {
    const { request, response } = exchange;
    const { handler } = asked;
    const keyed = keyedOf(request, asked.match, asked);
    const at = now();
    const value =
      keyed === undefined
        ? this.#run(exchange, asked, at)
        : this.#once.ask(keyed, {
            work: async () => this.#run(exchange, { ...asked, keyed }, at),
            response,
          });
    if (isThenable(value)) return this.#await(exchange, { value, handler, at });
    return this.#send(exchange, handler, value);
  }

  #run(exchange: Exchange, asked: Asked, at: number): unknown {
    const { body, match, handler, keyed, identity } = asked;
    const { hosted, arrivals, requestTimeoutMs } = this.#parts;
    const cancellation = new Cancellation();
    // What runs once runs to its end: its client may ask for the answer again.
    if (keyed === undefined) exchange.cancellation = cancellation;
    const { traceparent, carried } = arrivals.originOf(exchange.request);
    exchange.trace = traceparent;
    return hosted.handle({
      kind: 'route',
      service: hosted.name,
      method: handler,
      args: [body, { ...match.params }, { ...match.query }],
      from: 'ingress',
      sentAt: at,
      takenAt: at,
      deadlineMs: requestTimeoutMs,
      traceparent,
      carried: luggageOf(carried, { keyed, identity }),
      cancellation,
    });
  }

  async #await(
    exchange: Exchange,
    { value, handler, at }: { value: PromiseLike<unknown>; handler: string; at: number },
  ): Promise<void> {
    const waiting = this.#wait(exchange, { target: handler, sentAt: at });
    try {
      const sent = this.#send(exchange, handler, await value);
      if (sent !== undefined) await sent;
    } finally {
      this.#expiry.delete(waiting);
    }
  }

  #wait(exchange: Exchange, { target, sentAt }: Pick<Waiting, 'target' | 'sentAt'>): Waiting {
    const { hosted, requestTimeoutMs } = this.#parts;
    const deadlineAt = sentAt + requestTimeoutMs;
    const waiting = {
      exchange,
      target: `${hosted.name}.${target}`,
      sentAt,
      deadlineAt,
      place: nowhere,
    };
    this.#expiry.add(waiting);
    return waiting;
  }

  /** What comes of it later is too late: an answer is sent once. */
  #expired(waiting: Waiting): void {
    const { exchange, target, sentAt } = waiting;
    this.#expiry.delete(waiting);
    if (exchange.response.headersSent) return;
    exchange.cancellation?.cancel();
    this.#parts.answers.error(exchange, deadlineExceeded(target, now() - sentAt));
  }

  #send(exchange: Exchange, handler: string, value: unknown): Promise<void> | undefined {
    const { response } = exchange;
    if (isStream(value)) return this.#items(exchange, handler, value);
    if (!response.headersSent && !response.destroyed) this.#json(exchange, handler, value);
    return undefined;
  }

  async #items(exchange: Exchange, handler: string, items: AsyncIterable<unknown>): Promise<void> {
    const { response } = exchange;
    const { answers } = this.#parts;
    const answer = await streamOf(items, (error) => this.#refuse(handler, error));
    if (response.headersSent || response.destroyed) {
      answer.body.destroy();
      return;
    }
    const end = answers.stream(exchange, answer);
    response.once('close', () => answer.body.destroy());
    answer.body.once('error', end);
    exchange.end = end;
  }

  #json(exchange: Exchange, handler: string, value: unknown): void {
    const { answers } = this.#parts;
    try {
      answers.json(exchange, successStatus(exchange.request.method, value), value);
    } catch (error) {
      this.#refuse(handler, error);
      throw error;
    }
  }

  #refuse(method: string, error: unknown): void {
    const { hosted } = this.#parts;
    hosted.answerLost({ kind: 'route', service: hosted.name, method }, error);
  }

  #raw(exchange: Exchange): void {
    const { request, response } = exchange;
    const { http, answers, arrivals, rawRoutes } = this.#parts;
    if (http.limits.upload !== undefined) {
      limitUpload(request, http.limits.upload, (error) => answers.error(exchange, error));
    }
    arrivals.rewrite(request);
    exchange.trace = String(request.headers['traceparent']);
    giveSignal(exchange);
    answers.prepare(exchange);
    exchange.end = () => endStream(response);
    const target = `${request.method} ${request.url?.split('?')[0]}`;
    const begin = (): void => {
      const waiting = this.#wait(exchange, { target, sentAt: now() });
      response.once('close', () => this.#expiry.delete(waiting));
    };
    // How long a client takes to send is not the service's time.
    if (hasBody(request)) request.once('end', begin);
    else begin();
    rawRoutes.answer(request, response);
  }
}
