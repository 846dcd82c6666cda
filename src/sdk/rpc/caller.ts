import type { Endpoint, RoutingTable } from '../../protocol/topology.ts';
import { choose } from './balance.ts';
import { now, type OutboundCall } from './calls.ts';
import { Link } from './link.ts';
import { callRemote } from './remote.ts';
import { executedOf, type Tries } from './tries.ts';

export type CallerOptions = {
  readonly requestTimeoutMs: number;
  readonly maxPending: number;
  readonly tries: Tries;
};

/** Calls services wherever the routing table says that they are. */
export class Caller {
  readonly #options: CallerOptions;
  readonly #links = new Map<string, Link>();
  readonly #outstanding = new Map<string, number>();
  #table: RoutingTable = { generation: 0, services: {}, remotes: [] };

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  update(table: RoutingTable): void {
    this.#table = table;
    const paths = new Set(
      Object.values(table.services).flatMap(({ endpoints }) => endpoints.map((e) => e.rpcPath)),
    );
    for (const [path, link] of this.#links) {
      // A worker that left the table still answers what it has taken, and may come back into it.
      link.listed = paths.has(path);
      if (!link.listed && link.closed) this.#links.delete(path);
    }
    this.#options.tries.lookAgain();
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

  /** Tries again elsewhere what surely did not run, or may run twice. */
  #callWorker(call: OutboundCall, deadlineAt: number): Promise<unknown> {
    return this.#options.tries.run({
      target: `${call.service}.${call.method}`,
      deadlineAt,
      find: () => this.#pick(call),
      send: (link) => link.call(call, Math.max(1, deadlineAt - now())),
      mayRepeat: (error) => {
        const executed = executedOf(error);
        return executed === 'no' || (executed === 'maybe' && call.idempotent === true);
      },
    });
  }

  /** Who may still answer, but had better not be asked, is asked only when no other is left. */
  #pick({ service, workerId }: OutboundCall): Link | undefined {
    const all = this.#table.services[service]?.endpoints ?? [];
    const endpoints = workerId === undefined ? all : all.filter((e) => e.workerId === workerId);
    const usable = (draining: boolean): readonly Link[] =>
      endpoints
        .filter((each) => each.draining === draining && !each.leaving)
        .map((each) => this.#linkTo(each))
        .filter((link) => !link.isGone);
    return choose(usable(false)) ?? choose(usable(true));
  }

  #linkTo({ rpcPath }: Endpoint): Link {
    const existing = this.#links.get(rpcPath);
    // Each incarnation of a worker has a path of its own: one that is gone does not come back.
    if (existing !== undefined && (existing.isGone || !existing.closed)) return existing;
    const link = new Link({ path: rpcPath, maxPending: this.#options.maxPending });
    this.#links.set(rpcPath, link);
    return link;
  }
}
