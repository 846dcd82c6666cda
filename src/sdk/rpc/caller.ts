import { unavailable } from '../../protocol/errors.ts';
import type { Endpoint, RoutingTable } from '../../protocol/topology.ts';
import { choose } from './balance.ts';
import { now, type OutboundCall } from './calls.ts';
import { Link } from './link.ts';
import { callRemote } from './remote.ts';

export type CallerOptions = { readonly requestTimeoutMs: number; readonly maxPending?: number };

const extraTries = 2;
/** A call without a worker to take it waits so long at most for a table that has one. */
const routeWaitMs = 2_000;

/** Calls services wherever the routing table says that they are. */
export class Caller {
  readonly #options: CallerOptions;
  readonly #links = new Map<string, Link>();
  readonly #outstanding = new Map<string, number>();
  #table: RoutingTable = { generation: 0, services: {}, remotes: [] };
  #nextTable = Promise.withResolvers<void>();

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  update(table: RoutingTable): void {
    this.#table = table;
    this.#nextTable.resolve();
    this.#nextTable = Promise.withResolvers();
    const paths = new Set(
      Object.values(table.services).flatMap(({ endpoints }) => endpoints.map((e) => e.rpcPath)),
    );
    for (const [path, link] of this.#links) {
      if (link.closed) this.#links.delete(path);
      // A worker that left the table still answers what it has taken.
      else if (!paths.has(path)) link.leaving = true;
    }
  }

  get table(): RoutingTable {
    return this.#table;
  }

  /** Calls to this service that have no answer yet. */
  outstanding(service: string): number {
    return this.#outstanding.get(service) ?? 0;
  }

  async call(call: OutboundCall): Promise<unknown> {
    const { service } = call;
    this.#outstanding.set(service, this.outstanding(service) + 1);
    try {
      const remote = this.#table.remotes.find(({ name }) => name === service);
      const deadlineAt = now() + (call.deadlineMs ?? this.#options.requestTimeoutMs);
      return remote === undefined
        ? await this.#callWorker(call, deadlineAt)
        : await callRemote(remote, call, deadlineAt - now());
    } finally {
      this.#outstanding.set(service, this.outstanding(service) - 1);
    }
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
  }

  /**
   * Tries again elsewhere what surely did not run, or may run twice. When every known worker has
   * left, the table is out of date for a moment: the call waits for the next one.
   */
  async #callWorker(call: OutboundCall, deadlineAt: number): Promise<unknown> {
    const patientUntil = Math.min(deadlineAt, now() + routeWaitMs);
    for (let attempt = 0; ; attempt += 1) {
      const nextTable = this.#nextTable.promise;
      const link = this.#pick(call);
      try {
        return await link.call(call, Math.max(1, deadlineAt - now()));
      } catch (error) {
        const isFirst = attempt < extraTries;
        if (!mayRetry(error, call) || now() >= (isFirst ? deadlineAt : patientUntil)) throw error;
        if (!isFirst) await within(nextTable, patientUntil - now());
      }
    }
  }

  #pick(call: OutboundCall): Link {
    const endpoints = this.#table.services[call.service]?.endpoints ?? [];
    const staying = endpoints.filter((endpoint) => !endpoint.draining);
    const links = (staying.length > 0 ? staying : endpoints).map((each) => this.#linkTo(each));
    const link = choose(links);
    if (link === undefined) {
      throw unavailable(`${call.service}.${call.method}`, 'no', 'no worker of it is ready');
    }
    return link;
  }

  #linkTo({ rpcPath }: Endpoint): Link {
    const existing = this.#links.get(rpcPath);
    if (existing !== undefined && !existing.closed) return existing;
    const link = new Link({ path: rpcPath, maxPending: this.#options.maxPending ?? 1_000 });
    this.#links.set(rpcPath, link);
    return link;
  }
}

const mayRetry = (error: unknown, call: OutboundCall): boolean => {
  const { code, facts } = error as {
    readonly code?: string;
    readonly facts?: { executed?: string };
  };
  return code === 'UNAVAILABLE' && (facts?.executed === 'no' || call.idempotent === true);
};

/** Resolves with the promise, or when the time is over. */
const within = (promise: Promise<void>, forMs: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, forMs);
    void promise.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
