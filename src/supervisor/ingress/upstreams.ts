import type { Agent } from 'node:http';
import type { Duplex, Readable, Writable } from 'node:stream';
import { unavailable } from '../../protocol/errors.ts';
import type { RoutingTable } from '../../protocol/topology.ts';
import { choose, type Load } from '../../sdk/rpc/balance.ts';
import type { Taker } from '../../sdk/rpc/tries.ts';

const http = process.getBuiltinModule('node:http');

/** Keeps connections to one worker for the next request, until the worker leaves. */
class Connections extends http.Agent {
  #isLeaving = false;

  override keepSocketAlive(socket: Duplex): boolean {
    // The types say that it answers nothing, the documentation that it answers yes or no.
    return !this.#isLeaving && Boolean(super.keepSocketAlive(socket));
  }

  /** The worker waits for this: an idle connection closed by us is closed under nobody's request. */
  leave(): void {
    this.#isLeaving = true;
    this.closeIdle();
  }

  closeIdle(): void {
    for (const sockets of Object.values(this.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }
}

/** The HTTP socket of one worker. */
export class Upstream implements Load, Taker {
  readonly path: string;
  readonly #connections = new Connections({ keepAlive: true });
  pending = 0;
  readonly latencyMs = 0;
  readonly leaving = false;
  /** Nobody listens there any more. */
  isGone = false;

  constructor(path: string) {
    this.path = path;
  }

  get agent(): Agent {
    return this.#connections;
  }

  /** Counts a request, or the socket that came of it, until it is closed. */
  began(exchange: Readable | Writable): void {
    this.pending += 1;
    exchange.once('close', () => {
      this.pending -= 1;
    });
  }

  /** What a failed request means; one that did not reach the worker may go to another. */
  failure(path: string, error: NodeJS.ErrnoException): Error {
    const { code, syscall, message } = error;
    if (code === 'DEADLINE_EXCEEDED') return error;
    if (syscall !== 'connect') {
      // Those that rest may be as broken as this one was: the next try begins with a new one.
      this.#connections.closeIdle();
      return unavailable(path, 'maybe', message);
    }
    this.isGone = code === 'ENOENT' || code === 'ECONNREFUSED';
    return unavailable(path, 'no', message);
  }

  leave(): void {
    this.#connections.leave();
  }
}

/** The HTTP sockets of all workers, and how busy each one is. */
export class Upstreams {
  readonly #byPath = new Map<string, Upstream>();
  #services: RoutingTable['services'] = {};

  update({ services }: Pick<RoutingTable, 'services'>): void {
    this.#services = services;
    const staying = new Set(
      Object.values(services)
        .flatMap(({ endpoints }) => endpoints)
        .filter(({ leaving }) => !leaving)
        .map(({ httpPath }) => httpPath),
    );
    for (const [path, upstream] of this.#byPath) {
      if (staying.has(path)) continue;
      upstream.leave();
      this.#byPath.delete(path);
    }
    for (const path of staying) {
      if (!this.#byPath.has(path)) this.#byPath.set(path, new Upstream(path));
    }
  }

  /** The less busy one of two workers of this service; never one that leaves. */
  pick(service: string): Upstream | undefined {
    const endpoints = this.#services[service]?.endpoints ?? [];
    const usable = (draining: boolean): readonly Upstream[] =>
      endpoints
        .filter((each) => each.draining === draining && !each.leaving)
        .flatMap(({ httpPath }) => this.#byPath.get(httpPath) ?? [])
        .filter(({ isGone }) => !isGone);
    return choose(usable(false)) ?? choose(usable(true));
  }

  close(): void {
    for (const { agent } of this.#byPath.values()) agent.destroy();
  }
}
