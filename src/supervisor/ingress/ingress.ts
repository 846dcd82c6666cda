import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import net, { type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { unavailable } from '../../protocol/errors.ts';
import type { RoutingTable } from '../../protocol/topology.ts';
import { closeCodes } from '../../protocol/websocket.ts';
import type { FrontPort, Observed } from '../../protocol/worker/messages.ts';
import { Caller } from '../../sdk/rpc/caller.ts';
import { Cancellation } from '../../sdk/rpc/cancellation.ts';
import { ServiceMeter } from '../../sdk/rpc/service-meter.ts';
import { isStream } from '../../sdk/rpc/streams/stream.ts';
import { isTraceparent, newTraceparent } from '../../sdk/rpc/trace.ts';
import { Tries } from '../../sdk/rpc/tries.ts';
import { answerError, answerJson, refuse } from './answer.ts';
import { answerStream } from './answer-stream.ts';
import { readBody } from './body.ts';
import { Clients } from './clients.ts';
import { type Exchange, forward, hasBody, mayRepeat } from './proxy.ts';
import { refusalOf } from './request-check.ts';
import { type Match, Routes } from './routes.ts';
import { limits, stalledAfterMs, watchUpload } from './slow-clients.ts';
import { type Upgrade, upgradeTo } from './upgrade.ts';
import { type Upstream, Upstreams } from './upstreams.ts';
import { Witness } from './witness.ts';

const http = process.getBuiltinModule('node:http');

/** So long at most a request waits for a worker when none is ready. */
const patienceMs = 2_000;
const mostWaiting = 1_000;
/** A client that uses its connection does so within this time, and then learns to close it. */
const lingerMs = 1_000;
const farewellMs = 1_000;

/**
 * Owns the ports of an app. On the HTTP port a request goes to the service that declares its path,
 * on the port of a command to that command, whatever the path.
 */
export class Ingress {
  /** The ingress counts like a service, so that what waits for an answer here is seen. */
  readonly meter = new ServiceMeter('ingress');
  readonly witness: Witness;
  readonly #requestTimeoutMs: number;
  readonly #tries = new Tries({ patienceMs, mostWaiting });
  readonly #caller: Caller;
  readonly #upstreams = new Upstreams();
  readonly #clients = new Clients();
  readonly #responses = new Set<ServerResponse>();
  readonly #servers: Server[] = [];
  #routes = new Routes({ services: {} });
  #left: Promise<void> | undefined;

  constructor(requestTimeoutMs: number, tell: (observed: Observed) => void) {
    this.#requestTimeoutMs = requestTimeoutMs;
    this.witness = new Witness(tell);
    this.#caller = new Caller({ requestTimeoutMs, maxPending: 10_000, tries: this.#tries });
  }

  listen({ descriptor, service }: FrontPort): Promise<void> {
    const server = this.#createServer(service);
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once('error', reject).listen({ fd: descriptor }, resolve);
    });
  }

  /**
   * The new table takes the place of the old one between two requests. Resolves when what was on
   * its way by the old one has been written: a connection takes a turn of the loop, its request
   * another.
   */
  async update(table: RoutingTable): Promise<void> {
    this.#routes = new Routes(table);
    this.#upstreams.update(table);
    this.witness.update(table);
    // Last, because it wakes those who wait.
    this.#caller.update(table);
    await setImmediate();
    await setImmediate();
  }

  /**
   * Lame duck: no new connection, `Connection: close` on every further answer, none reset.
   * Resolves when no connection is left.
   */
  drain(): Promise<void> {
    this.#left ??= this.#leave();
    return this.#left;
  }

  /** There is no more time: streams end, WebSockets are told, and all connections are closed. */
  async end(): Promise<void> {
    void this.drain();
    await this.#clients.end(farewellMs);
    this.#upstreams.close();
    this.#caller.close();
  }

  #leave(): Promise<void> {
    // That of `http.Server` would also close connections on which a request is on its way.
    for (const server of this.#servers) net.Server.prototype.close.call(server);
    for (const response of this.#responses) {
      if (!response.headersSent) response.setHeader('connection', 'close');
    }
    return this.#clients.leave(lingerMs);
  }

  #createServer(command: string | undefined): Server {
    const takerOf = ({ url = '/' }: IncomingMessage): string | undefined =>
      command ?? this.#routes.findUpgrade(url)?.service;
    const server = http.createServer(
      {
        ...limits,
        shouldUpgradeCallback: (request) =>
          refusalOf(request) === undefined && takerOf(request) !== undefined,
      },
      (request, response) => this.#serve({ request, response }, command),
    );
    server.on('upgrade', (request, socket, head) => {
      // The server listens on TCP alone.
      void this.#upgrade({ request, socket: socket as Socket, head }, takerOf(request));
    });
    server.on('connect', (_request, socket) => {
      socket.end(
        'HTTP/1.1 405 Method Not Allowed\r\nconnection: close\r\ncontent-length: 0\r\n\r\n',
      );
    });
    server.setTimeout(stalledAfterMs, (socket) => {
      // What a service is still working at is no stall of the client.
      if (socket.writableLength > 0 || this.#clients.isIdle(socket)) socket.destroy();
    });
    this.#clients.watch(server);
    return server;
  }

  #serve(exchange: Exchange, command: string | undefined): void {
    const { request, response } = exchange;
    const startedAt = performance.now();
    this.meter.arrived(0);
    this.#responses.add(response);
    this.#clients.began(request.socket, response, () => answerError(response, leaving(request)));
    response.once('close', () => {
      this.#responses.delete(response);
      this.#clients.ended(request.socket, response);
      this.meter.answered(performance.now() - startedAt, response.statusCode >= 500);
    });
    // What is left of a body that nobody wants must not block the next request.
    response.once('finish', () => request.unpipe().resume());
    if (this.#left !== undefined) response.setHeader('connection', 'close');
    if (hasBody(request)) watchUpload(request, response, () => tooSlow(response));
    this.#answer(exchange, command).catch((error) => answerError(response, error));
  }

  async #answer(exchange: Exchange, command: string | undefined): Promise<void> {
    const refusal = refusalOf(exchange.request);
    if (refusal !== undefined) return refuse(exchange.response, 400, refusal);
    await (command === undefined ? this.#route(exchange) : this.#stream(command, exchange));
  }

  async #route(exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const { method = 'GET', url = '/' } = request;
    const path = url.split('?')[0];
    if (path === '/healthz' || path === '/readyz') {
      const ok = this.#left === undefined;
      return answerJson(response, ok ? 200 : 503, { ok });
    }
    const match = this.#routes.find(method, url);
    if (match === undefined) return this.#notFound(exchange);
    const { handler } = match;
    await (handler === undefined
      ? this.#stream(match.service, exchange)
      : this.#call({ ...match, handler }, exchange));
  }

  #notFound({ request, response }: Exchange): void {
    const { url = '/' } = request;
    const allowed = this.#routes.allowed(url);
    if (allowed.length > 0) response.setHeader('allow', allowed.join(', '));
    const status = allowed.length > 0 ? 405 : 404;
    const code = status === 405 ? 'METHOD_NOT_ALLOWED' : 'NOT_FOUND';
    answerJson(response, status, { error: { code, message: `No route ${url.split('?')[0]}` } });
  }

  async #call(
    { service, handler: method, params, query }: Match & { readonly handler: string },
    { request, response }: Exchange,
  ): Promise<void> {
    const body = await readBody(request);
    const traceparent = traceOf(request);
    const args = [body, { ...params }, { ...query }];
    const idempotent = request.method === 'GET' || request.method === 'HEAD';
    const cancellation = new Cancellation();
    response.once('close', () => {
      if (!response.writableFinished) cancellation.cancel();
    });
    const value = await this.#caller.call({
      service,
      method,
      kind: 'route',
      args,
      from: 'ingress',
      traceparent,
      idempotent,
      cancellation,
      meter: this.meter.awaiting(service),
    });
    if (isStream(value)) await answerStream(response, value);
    else answerJson(response, request.method === 'POST' ? 201 : 200, value);
  }

  async #stream(service: string, exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const traceparent = traceOf(request);
    const onAnswer = (end: () => void): void => this.#clients.began(request.socket, response, end);
    await this.#try(service, request, (upstream) => {
      // An existing server has limits of its own.
      const timeoutMs = upstream.isCommand ? undefined : this.#requestTimeoutMs;
      return this.witness.watch(upstream.workerId, response, () =>
        forward(upstream, exchange, { traceparent, timeoutMs, onAnswer }),
      );
    });
  }

  async #try(
    service: string,
    request: IncomingMessage,
    send: (upstream: Upstream) => Promise<void>,
  ): Promise<void> {
    this.#tries.began();
    await this.#tries.run({
      target: service,
      deadlineAt: Number.POSITIVE_INFINITY,
      find: () => this.#upstreams.pick(service),
      send,
      mayRepeat: (error) => mayRepeat(request, error),
    });
  }

  async #upgrade(upgrade: Upgrade, service: string | undefined): Promise<void> {
    const { request, socket } = upgrade;
    // Nothing but the tunnel keeps the time from here on.
    socket.setTimeout(0).on('error', () => undefined);
    this.#clients.began(socket, socket, () => socket.destroy());
    const traceparent = traceOf(request);
    try {
      if (service === undefined) throw leaving(request);
      await this.#try(service, request, (upstream) => {
        const onOpen = (end: (code: number) => void): void => {
          this.#clients.began(socket, socket, () => end(closeCodes.goingAway));
          upstream.opened(socket, () => end(closeCodes.serviceRestart));
        };
        return upgradeTo(upstream, upgrade, { traceparent, onOpen });
      });
    } catch {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\r\n');
    }
  }
}

const leaving = ({ url = '/' }: IncomingMessage): Error =>
  unavailable(url, 'maybe', 'the ingress is leaving');

const tooSlow = (response: ServerResponse): void => {
  if (response.headersSent) response.destroy();
  else refuse(response, 408, 'The body came too slowly');
};

/** Of all that comes from outside only a valid trace becomes context. */
const traceOf = ({ headers }: IncomingMessage): string =>
  isTraceparent(headers['traceparent']) ? headers['traceparent'] : newTraceparent();
