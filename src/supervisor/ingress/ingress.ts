import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { unavailable } from '../../protocol/errors.ts';
import { defaultHttp, type HttpSettings } from '../../protocol/http.ts';
import type { RoutingTable } from '../../protocol/topology.ts';
import { closeCodes } from '../../protocol/websocket.ts';
import type { FrontPort, Observed } from '../../protocol/worker/messages.ts';
import { Answers } from './answer/answers.ts';
import { Clients } from './front/clients.ts';
import { closeAfter, cut, type Exchange, hasBody, lineOf } from './front/exchange.ts';
import { FrontServer } from './front/front-server.ts';
import { hostOf } from './front/proxies.ts';
import { refusalOf } from './front/request-check.ts';
import { watchUpload } from './front/slow-clients.ts';
import { Requests } from './requests.ts';
import { Backends } from './upstream/backends.ts';
import type { Upgrade } from './upstream/upgrade.ts';

/** A client that uses its connection does so within this time, and then learns to close it. */
const lingerMs = 1_000;
const farewellMs = 1_000;

export type IngressOptions = {
  readonly http: HttpSettings;
  readonly requestTimeoutMs: number;
  readonly tell: (observed: Observed) => void;
};

/** What belongs to one port. */
type Port = {
  readonly http: HttpSettings;
  readonly command: string | undefined;
  readonly answers: Answers;
  readonly requests: Requests;
};

/**
 * Owns the ports of an app. On the HTTP port a request goes to the service that declares its path,
 * on the port of a command to that command, whatever the path.
 */
export class Ingress {
  readonly backends: Backends;
  readonly #http: HttpSettings;
  readonly #clients = new Clients();
  readonly #responses = new Map<ServerResponse, Exchange>();
  readonly #servers: FrontServer[] = [];
  #left: Promise<void> | undefined;

  constructor({ http, requestTimeoutMs, tell }: IngressOptions) {
    this.#http = http;
    this.backends = new Backends(requestTimeoutMs, tell);
  }

  listen({ descriptor, service }: FrontPort): Promise<void> {
    const port = this.#port(service);
    const server = new FrontServer({
      http: port.http,
      clients: this.#clients,
      serve: (exchange) => this.#serve(exchange, port),
      mayUpgrade: (request) =>
        refusalOf(request) === undefined && this.#takerOf(request, port) !== undefined,
      // The servers listen on TCP alone, and TLS is a socket too.
      upgrade: (request, socket, head) =>
        void this.#upgrade({ request, socket: socket as Socket, head }, port),
    });
    this.#servers.push(server);
    return server.listen(descriptor);
  }

  /**
   * The new table takes the place of the old one between two requests. Resolves when what was on
   * its way by the old one has been written: a connection takes a turn of the loop, its request
   * another.
   */
  async update(table: RoutingTable): Promise<void> {
    this.backends.update(table);
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
    this.backends.close();
  }

  #leave(): Promise<void> {
    for (const server of this.#servers) server.stopAccepting();
    for (const exchange of this.#responses.values()) closeAfter(exchange);
    return this.#clients.leave(lingerMs);
  }

  /** A command answers for itself: what is said of pages and origins is its own business. */
  #port(command: string | undefined): Port {
    const own = { ...defaultHttp, securityHeaders: false, limits: this.#http.limits };
    const { trustedProxies } = this.#http;
    const http = command === undefined ? this.#http : { ...own, trustedProxies };
    const answers = new Answers(http);
    const requests = new Requests({
      http,
      answers,
      backends: this.backends,
      isLeaving: () => this.#left !== undefined,
      onAnswer: ({ request, response }, end) => this.#clients.began(lineOf(request), response, end),
    });
    return { http, command, answers, requests };
  }

  #takerOf(request: IncomingMessage, { command }: Port): string | undefined {
    const { url = '/' } = request;
    return command ?? this.backends.routes.findUpgrade(url, hostOf(request))?.service;
  }

  #serve(exchange: Exchange, { http, answers, command, requests }: Port): void {
    const { request, response } = exchange;
    const { meter } = this.backends;
    const startedAt = performance.now();
    const line = lineOf(request);
    meter.arrived(0);
    this.#responses.set(response, exchange);
    this.#clients.began(line, response, () => answers.error(exchange, leaving(request)));
    response.once('close', () => {
      this.#responses.delete(response);
      this.#clients.ended(line, response);
      meter.answered(performance.now() - startedAt, response.statusCode >= 500);
      if (!response.writableFinished) exchange.cancellation?.cancel();
    });
    if (this.#left !== undefined) closeAfter(exchange);
    if (hasBody(request)) {
      // What is left of a body that nobody wants must not block the next request.
      response.once('finish', () => request.unpipe().resume());
      watchUpload(exchange, http.limits.stall, () => {
        if (response.headersSent) cut(response);
        else answers.refuse(exchange, 408, 'The body came too slowly');
      });
    }
    requests.answer(exchange, command).catch((error) => answers.error(exchange, error));
  }

  async #upgrade(upgrade: Upgrade, port: Port): Promise<void> {
    const { request, socket } = upgrade;
    const service = this.#takerOf(request, port);
    // Nothing but the tunnel keeps the time from here on.
    socket.setTimeout(0).on('error', () => undefined);
    this.#clients.began(socket, socket, () => socket.destroy());
    try {
      if (service === undefined) throw leaving(request);
      await this.backends.upgrade(service, upgrade, {
        headers: port.requests.headersFor(request),
        onOpen: (upstream, end) => {
          this.#clients.began(socket, socket, () => end(closeCodes.goingAway));
          upstream.opened(socket, () => end(closeCodes.serviceRestart));
        },
      });
    } catch {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n\r\n');
    }
  }
}

const leaving = ({ url = '/' }: IncomingMessage): Error =>
  unavailable(url, 'maybe', 'the ingress is leaving');
