import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { serviceStopped } from '../../../protocol/call-errors.ts';
import type {
  Endpoint,
  RemoteService,
  RoutingTable,
  Strategy,
} from '../../../protocol/topology.ts';
import { pickBy } from '../balance/strategy.ts';
import { now, type OutboundCall, type Refused, targetOf } from '../calls.ts';
import { Link } from '../link.ts';
import { nowhere } from '../under-way/crowd.ts';
import type { Packed } from '../wire/payload.ts';
import { Ask } from './ask.ts';
import type { Asker } from './asker.ts';
import { callRemote } from './remote.ts';
import { executedOf, type Taker, type Task, type Tries } from './tries.ts';

export type CallerOptions = {
  readonly requestTimeoutMs: number;
  readonly maxPending: number;
  readonly tries: Tries;
  /** Where this process itself answers: it never calls itself over a link. */
  readonly own?: string | undefined;
  /** Opens a socket to an endpoint; on one machine, where it listens for calls. */
  readonly dial?: ((rpcPath: string) => Socket) | undefined;
  /** Says who this process is, to who answers there. */
  readonly introduce?: ((rpcPath: string) => Packed) | undefined;
  readonly refused?: Refused;
};

/** Who may still answer, but had better not be asked, is asked only when no other is left. */
type Candidates = {
  readonly first: readonly Link[];
  readonly last: readonly Link[];
  readonly strategy: Strategy;
  turn: number;
};

/** Calls services wherever the routing table says that they are. */
export class Caller {
  readonly #options: CallerOptions;
  readonly #self = randomUUID();
  readonly #links = new Map<string, Link>();
  /** By service; gathered again after the table or a link has changed. */
  readonly #candidates = new Map<string, Candidates>();
  #remotes: ReadonlyMap<string, RemoteService & Taker> = new Map();
  #table: RoutingTable = { generation: 0, services: {}, remotes: [] };

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  update(table: RoutingTable): void {
    this.#table = table;
    this.#candidates.clear();
    this.#remotes = new Map(
      table.remotes.map((remote) => [remote.name, { ...remote, isGone: false }]),
    );
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

  /** At this moment, or one that has just been. */
  call(call: OutboundCall, at = now()): Promise<unknown> {
    this.#options.tries.began();
    return new Promise((resolve, reject) => {
      const deadlineAt = at + (call.deadlineMs ?? this.#options.requestTimeoutMs);
      this.#send(new Ask({ call, sentAt: at, deadlineAt, owner: this }, resolve, reject));
    });
  }

  /** Tries again elsewhere what surely did not run, or may run twice. */
  lost(ask: Ask, error: unknown): void {
    const { link } = ask;
    if (link === undefined || executedOf(error) === undefined) ask.refused(error);
    else ask.settle(this.#options.tries.again(this.#taskOf(ask), link, error));
  }

  /** Calls under way to each of the others that answer for a service; undefined when there is none. */
  pendingAt(service: string): number | undefined {
    const { first } = this.#candidates.get(service) ?? this.#gather(service);
    if (first.length === 0) return undefined;
    return first.reduce((sum, { pending }) => sum + pending, 0) / first.length;
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
  }

  #send(ask: Ask): void {
    const { call } = ask;
    if (this.#remotes.size > 0 && this.#remotes.has(call.service)) {
      ask.settle(this.#options.tries.run(this.#remoteTaskOf(ask)));
      return;
    }
    const link = this.#pick(call);
    if (link === undefined) {
      ask.settle(this.#options.tries.run(this.#taskOf(ask)));
      return;
    }
    ask.link = link;
    try {
      link.send(ask);
    } catch (error) {
      ask.failed(error, 0);
    }
  }

  #taskOf(ask: Ask): Task<Link> {
    const { call, deadlineAt } = ask;
    return {
      ...termsOf(ask),
      find: () => this.#pick(call),
      send: (link) => sendOver(link, call, deadlineAt),
    };
  }

  #remoteTaskOf(ask: Ask): Task<RemoteService & Taker> {
    const { call, deadlineAt } = ask;
    return {
      ...termsOf(ask),
      find: () => this.#remotes.get(call.service),
      send: (remote) => callRemote(remote, call, deadlineAt - now()),
    };
  }

  #pick(call: OutboundCall): Link | undefined {
    const { service, key, workerId } = call;
    if (workerId !== undefined) return this.#pickOne(service, workerId);
    const candidates = this.#candidates.get(service) ?? this.#gather(service);
    const { first, last, strategy } = candidates;
    if (first.length === 1) return first[0];
    candidates.turn += 1;
    const choice = { strategy, key, self: this.#self, turn: candidates.turn };
    const found = pickBy(first.length > 0 ? first : last, choice);
    // To wait for somebody who comes would be in vain.
    if (found === undefined && this.#table.services[service]?.stopped === true) {
      throw serviceStopped(targetOf(call), service);
    }
    return found;
  }

  /** The one that is meant, as long as it answers. */
  #pickOne(service: string, workerId: string): Link | undefined {
    const { endpoints = [] } = this.#table.services[service] ?? {};
    const found = endpoints.find((each) => each.workerId === workerId && !each.leaving);
    const link = found === undefined ? undefined : this.#linkTo(found);
    return link?.isGone === true ? undefined : link;
  }

  #gather(service: string): Candidates {
    const { own } = this.#options;
    const { endpoints = [], strategy = 'p2c' } = this.#table.services[service] ?? {};
    const usable = (draining: boolean): readonly Link[] =>
      endpoints
        .filter((each) => each.draining === draining && !each.leaving && each.rpcPath !== own)
        .map((each) => this.#linkTo(each))
        .filter((link) => !link.isGone);
    const turn = Math.floor(Math.random() * 1_000);
    const candidates = { first: usable(false), last: usable(true), strategy, turn };
    this.#candidates.set(service, candidates);
    return candidates;
  }

  #linkTo({ rpcPath, workerId }: Endpoint): Link {
    const existing = this.#links.get(rpcPath);
    // Each incarnation of a worker has a path of its own: one that is gone does not come back.
    if (existing !== undefined && (existing.isGone || !existing.closed)) return existing;
    const { maxPending, refused, dial, introduce } = this.#options;
    const onChange = (): void => this.#candidates.clear();
    const link = new Link({
      name: workerId,
      dial: (lending) => dial?.(rpcPath) ?? connect({ path: rpcPath, onread: lending }),
      introduction: introduce?.(rpcPath),
      maxPending,
      refused,
      onChange,
    });
    this.#links.set(rpcPath, link);
    return link;
  }
}

/** Whoever answers it, by these it is tried again. */
const termsOf = ({
  call,
  deadlineAt,
}: Ask): Pick<Task<Taker>, 'target' | 'deadlineAt' | 'mostRepeats' | 'mayRepeat'> => ({
  target: targetOf(call),
  deadlineAt,
  mostRepeats: call.retries,
  mayRepeat: (error) => {
    const executed = executedOf(error);
    return executed === 'no' || (executed === 'maybe' && call.idempotent === true);
  },
});

/** One of several tries. */
const sendOver = (link: Link, call: OutboundCall, deadlineAt: number): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const asker: Asker = {
      call,
      deadlineAt,
      sentAt: now(),
      id: 0,
      place: nowhere,
      answered: resolve,
      failed: reject,
      cancelled: () => link.cancel(asker.id),
    };
    link.send(asker);
  });
