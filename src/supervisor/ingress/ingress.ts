import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { defaultHttp, type HttpSettings } from '../../protocol/http.ts';
import { statusOf } from '../../protocol/http-status.ts';
import type { RoutingTable } from '../../protocol/topology.ts';
import { closeCodes } from '../../protocol/websocket.ts';
import type { FrontPort, Observed } from '../../protocol/worker/messages.ts';
import { logOf } from '../../sdk/channel/log.ts';
import { type AccessLog, accessLogOf } from '../../sdk/front/access-log.ts';
import { Admission } from '../../sdk/front/admission/admission.ts';
import { Answers } from '../../sdk/front/answer/answers.ts';
import { Arrivals } from '../../sdk/front/arrivals.ts';
import { Guard } from '../../sdk/front/auth/guard.ts';
import { Clients } from '../../sdk/front/clients.ts';
import { Door, type DoorParts, leaving, type Upgrade } from '../../sdk/front/door.ts';
import { Once } from '../../sdk/front/once.ts';
import { hostOf } from '../../sdk/front/proxies.ts';
import { upgradeRefusal } from '../../sdk/front/upgrade-refusal.ts';
import type { Outcome } from '../../sdk/rpc/meters/method-meter.ts';
import { RefusedAnswers } from '../../sdk/rpc/refused-answers.ts';
import { Requests } from './requests.ts';
import { Backends, type BackendsParts } from './upstream/backends.ts';

/** As clients are told. */
const name = 'the ingress';

/** A client that uses its connection does so within this time, and then learns to close it. */
const lingerMs = 1_000;
const farewellMs = 1_000;

export type IngressOptions = {
  readonly workerId: string;
  readonly http: HttpSettings;
  readonly requestTimeoutMs: number;
  readonly tell: (observed: Observed) => void;
  readonly introduce?: BackendsParts['introduce'];
};

type Taker = { readonly service: string | undefined; readonly headers: OutgoingHttpHeaders };

/**
 * Owns the ports of an app. On the HTTP port a request goes to the service that declares its path,
 * on the port of a command to that command, whatever the path.
 */
export class Ingress {
  readonly backends: Backends;
  #http: HttpSettings;
  #admission: Admission;
  readonly #once = new Once();
  readonly #refusedAnswers: RefusedAnswers;
  #guard: Guard;
  #accessLog: AccessLog | undefined;
  readonly #workerId: string;
  readonly #clients = new Clients();
  readonly #doors: { readonly door: Door; readonly command: string | undefined }[] = [];
  #left: Promise<void> | undefined;

  constructor({ http, workerId, ...parts }: IngressOptions) {
    this.#http = http;
    this.#workerId = workerId;
    this.#refusedAnswers = new RefusedAnswers(logOf('ingress', workerId));
    this.#accessLog = accessLogOf(http, { service: 'ingress', worker: workerId });
    this.#admission = new Admission(http.admission);
    this.#guard = new Guard(http.auth);
    this.backends = new Backends({ ...parts, refusedAnswers: this.#refusedAnswers });
  }

  listen({ descriptor, service }: FrontPort): Promise<void> {
    const door = new Door(this.#partsFor(service));
    this.#doors.push({ door, command: service });
    return door.listen(descriptor);
  }

  /** Goes by other settings from the next request on; connections and what is under way stay. */
  change(http: HttpSettings): void {
    if (isDeepStrictEqual(http, this.#http)) return;
    // What is under way has its places in the old one.
    if (!isDeepStrictEqual(http.admission, this.#http.admission)) {
      this.#admission = new Admission(http.admission);
    }
    if (!isDeepStrictEqual(http.auth, this.#http.auth)) this.#guard = new Guard(http.auth);
    const before = this.#accessLog;
    this.#accessLog = accessLogOf(http, { service: 'ingress', worker: this.#workerId });
    this.#http = http;
    for (const { door, command } of this.#doors) door.change(this.#partsFor(command));
    before?.[Symbol.dispose]();
  }

  /**
   * The new table takes the place of the old one between two requests. Resolves when what was on
   * its way by the old one has been written: a connection takes a turn of the loop, its request
   * another.
   */
  async update(table: RoutingTable): Promise<void> {
    this.backends.update(table);
    const routes = Object.values(table.services).flatMap(({ contract }) => contract.routes);
    await this.#guard.prepare(routes);
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
    for (const { door } of this.#doors) door.close();
    this.#accessLog?.[Symbol.dispose]();
    this.backends.close();
  }

  #leave(): Promise<void> {
    for (const { door } of this.#doors) door.leave();
    return this.#clients.leave(lingerMs).gone;
  }

  /** A command answers for itself: what is said of pages and origins is its own business. */
  #partsFor(command: string | undefined): DoorParts {
    const own = { ...defaultHttp, securityHeaders: false, limits: this.#http.limits };
    const { trustedProxies } = this.#http;
    const http = command === undefined ? this.#http : { ...own, trustedProxies };
    const answers = new Answers(http);
    const arrivals = new Arrivals(trustedProxies);
    const requests = new Requests({
      http,
      admission: command === undefined ? this.#admission : new Admission(http.admission),
      answers,
      arrivals,
      backends: this.backends,
      once: this.#once,
      guard: this.#guard,
      isLeaving: () => this.#left !== undefined,
      refusedAnswers: this.#refusedAnswers,
    });
    const takerOf = (request: IncomingMessage): string | undefined => {
      const match = this.backends.routes.findUpgrade(request.url ?? '/', hostOf(request));
      if (command !== undefined || match === undefined) return command;
      return this.backends.takerOf(match, { method: 'GET', upgrade: true });
    };
    const { meter } = this.backends;
    const accessLog = this.#accessLog;
    return {
      http,
      clients: this.#clients,
      answers,
      name,
      began: (exchange) => {
        meter.arrived(0);
        accessLog?.began(exchange);
      },
      answer: (exchange) => requests.answer(exchange, command),
      ended: (exchange, tookMs) => {
        const { route = '(no route)' } = exchange;
        const { statusCode } = exchange.response;
        accessLog?.note(exchange, tookMs);
        meter.answered(tookMs, statusCode >= 500);
        const outcome = exchange.isRefusedEntry ? 'overloaded' : outcomeOf(statusCode);
        meter.methods.of('http', route).answered(tookMs, outcome);
      },
      mayUpgrade: (request) => takerOf(request) !== undefined,
      upgrade: (upgrade) =>
        void this.#upgrade(upgrade, {
          service: takerOf(upgrade.request),
          headers: arrivals.headersFor(upgrade.request),
        }),
    };
  }

  async #upgrade(upgrade: Upgrade, { service, headers }: Taker): Promise<void> {
    const { request, socket } = upgrade;
    try {
      if (service === undefined) throw leaving(request, name);
      await this.backends.upgrade(service, upgrade, {
        headers,
        onOpen: (upstream, end) => {
          this.#clients.takenOver(socket, () => end(closeCodes.goingAway));
          upstream.opened(socket, () => end(closeCodes.serviceRestart));
        },
      });
    } catch (error) {
      socket.end(upgradeRefusal(statusOf(error)));
    }
  }
}

const outcomeOf = (status: number): Outcome =>
  status >= 500 ? 'failed' : status >= 400 ? 'refused' : 'ok';
