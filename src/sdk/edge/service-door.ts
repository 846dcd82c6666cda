import { closeSync } from 'node:fs';
import type { HttpSettings } from '../../protocol/http.ts';
import type { Endpoint, RoutingTable } from '../../protocol/topology.ts';
import type { DoorPort } from '../../protocol/worker/messages.ts';
import { type AccessLog, accessLogOf } from '../front/access-log.ts';
import { Answers } from '../front/answer/answers.ts';
import { Arrivals } from '../front/arrivals.ts';
import { Clients } from '../front/clients.ts';
import { Door } from '../front/door.ts';
import { hostOf } from '../front/proxies.ts';
import type { Hosted } from '../worker/hosted.ts';
import type { RawRoutes } from '../worker/raw-routes.ts';
import { partToShed } from './census.ts';
import { EdgeRequests } from './edge-requests.ts';

/** A client that uses its connection does so within this time, and then learns to close it. */
const lingerMs = 1_000;
const farewellMs = 1_000;
/** Two seconds in all. */
const shedRounds = 8;
const shedEveryMs = 250;

export type ServiceDoorParts = {
  readonly workerId: string;
  readonly port: DoorPort;
  readonly http: HttpSettings;
  readonly hosted: Hosted;
  readonly rawRoutes: RawRoutes;
  readonly requestTimeoutMs: number;
};

/**
 * The port of one service, which all its workers accept on. Which of them do so the routing table
 * says: one that is to get nothing new, or that is unwell while others are not, does not accept.
 */
export class ServiceDoor {
  readonly #parts: ServiceDoorParts;
  readonly #clients = new Clients();
  readonly #answers: Answers;
  readonly #requests: EdgeRequests;
  #door: Door | undefined;
  #accessLog: AccessLog | undefined;
  /** Closed when it stops accepting, and Node cannot duplicate a descriptor: each is used once. */
  readonly #descriptors: number[];
  #isOpen = false;
  #isLeaving = false;
  /** The table has named this worker. */
  #wasRouted = false;
  #colleagues = 0;
  /** Where those answer that accept here beside this worker. */
  #others: readonly string[] = [];

  constructor(parts: ServiceDoorParts) {
    const { http, port, hosted, rawRoutes, requestTimeoutMs } = parts;
    this.#parts = parts;
    this.#descriptors = [...port.descriptors];
    this.#answers = new Answers(http);
    const arrivals = new Arrivals(http.trustedProxies);
    this.#requests = new EdgeRequests({
      http,
      answers: this.#answers,
      arrivals,
      hosted,
      rawRoutes,
      requestTimeoutMs,
      isLeaving: () => this.#isLeaving,
    });
  }

  async start(): Promise<void> {
    const { hosted, rawRoutes } = this.#parts;
    const raw = rawRoutes.entriesOf(hosted.name);
    await this.#requests.serve([...hosted.contract.routes, ...raw]);
    this.#door = this.#makeDoor(raw.length === 0);
    if (hosted.failure === undefined && !this.#isLeaving) await this.#open();
  }

  update({ services }: RoutingTable): void {
    const { workerId, hosted } = this.#parts;
    const endpoints = services[hosted.name]?.endpoints ?? [];
    const fresh = endpoints.filter(({ draining }) => !draining);
    const own = endpoints.find((endpoint) => endpoint.workerId === workerId);
    this.#wasRouted ||= own !== undefined;
    if (this.#door === undefined || this.#isLeaving) return;
    if (this.#isWanted(own, { endpoints, fresh })) void this.#open();
    else if (own !== undefined || this.#wasRouted) this.#standBy();
    this.#others = fresh.filter((each) => each !== own).map(({ rpcPath }) => rpcPath);
    this.#shareWith(fresh.length);
  }

  get service(): string {
    return this.#parts.hosted.name;
  }

  get port(): number {
    return this.#parts.port.port;
  }

  get connections(): number {
    return this.#isOpen ? this.#clients.size : 0;
  }

  /** Asks some of its connections to come again when it has more than the others by far. */
  level(countOf: (rpcPath: string) => number | undefined): void {
    if (!this.#isOpen) return;
    const others = this.#others.flatMap((rpcPath) => countOf(rpcPath) ?? []);
    const part = partToShed(this.connections, others);
    if (part > 0) this.#clients.shed(part);
  }

  leave(): ReturnType<Clients['leave']> {
    this.#isLeaving = true;
    if (this.#isOpen) this.#door?.leave();
    this.#isOpen = false;
    // A port is open as long as anybody has a descriptor of it.
    for (const descriptor of this.#descriptors.splice(0)) closeSync(descriptor);
    return this.#clients.leave(lingerMs);
  }

  async end(): Promise<void> {
    void this.leave();
    await this.#clients.end(farewellMs);
    this.#door?.close();
    this.#accessLog?.[Symbol.dispose]();
    this.#requests.close();
  }

  #makeDoor(hasMethodsOnly: boolean): Door {
    const { http, workerId } = this.#parts;
    const requests = this.#requests;
    const accessLog = accessLogOf(http, { service: this.service, worker: workerId });
    this.#accessLog = accessLog;
    return new Door({
      http,
      hasMethodsOnly,
      clients: this.#clients,
      answers: this.#answers,
      name: workerId,
      answer: (exchange) => requests.answer(exchange),
      ...(accessLog === undefined
        ? {}
        : {
            began: (exchange) => accessLog.began(exchange),
            ended: (exchange, tookMs) => accessLog.note(exchange, tookMs),
          }),
      mayUpgrade: ({ url = '/', headers }) =>
        requests.routes.findUpgrade(url, hostOf({ headers })) !== undefined,
      upgrade: (upgrade) => requests.upgrade(upgrade),
    });
  }

  #isWanted(
    own: Endpoint | undefined,
    { endpoints, fresh }: Readonly<Record<'endpoints' | 'fresh', readonly Endpoint[]>>,
  ): boolean {
    // A failure is better said than kept waiting for.
    if (own === undefined) return endpoints.length === 0;
    if (own.leaving) return false;
    return !own.draining || fresh.length === 0;
  }

  async #open(): Promise<void> {
    if (this.#isOpen) return;
    const descriptor = this.#descriptors.shift();
    if (descriptor === undefined) return;
    this.#isOpen = true;
    this.#clients.stay();
    await this.#door?.listen(descriptor);
  }

  /** Without another descriptor it could not come back, and goes on. */
  #standBy(): void {
    if (!this.#isOpen || this.#descriptors.length === 0) return;
    this.#isOpen = false;
    this.#door?.leave();
    void this.#clients.leave(lingerMs);
  }

  /** Connections stay where they are: a new colleague gets its part of them only when they come again. */
  #shareWith(colleagues: number): void {
    const before = this.#colleagues;
    this.#colleagues = colleagues;
    if (before > 0 && colleagues > before) this.#shed(1 - before / colleagues, shedRounds);
  }

  /** Who comes again may come to the same worker: the kernel gives a connection to whoever is first. */
  #shed(share: number, rounds: number): void {
    if (!this.#isOpen || rounds === 0) return;
    this.#clients.shed(share);
    setTimeout(() => this.#shed(share, rounds - 1), shedEveryMs).unref();
  }
}
