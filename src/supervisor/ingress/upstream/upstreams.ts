import type { Agent } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';
import { serviceStopped } from '../../../protocol/call-errors.ts';
import { unavailable } from '../../../protocol/errors.ts';
import type { Endpoint, RoutingTable } from '../../../protocol/topology.ts';
import { choose, type Load } from '../../../sdk/rpc/balance/choose.ts';
import type { Taker } from '../../../sdk/rpc/calling/tries.ts';
import { type Address, addressOf, keyOf } from './address.ts';

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

/** Other programs close what rests after two seconds and more: ours are closed before. */
const commandRestMs = 1_000;

/** Where one worker, or one instance of a command, accepts HTTP. */
export class Upstream implements Load, Taker {
  readonly workerId: string;
  readonly address: Address;
  readonly isCommand: boolean;
  readonly #connections: Connections;
  /** How the tunnels to a command are told that it leaves; a worker tells its own. */
  readonly #goodbyes = new Set<() => void>();
  pending = 0;
  readonly latencyMs = 0;
  readonly leaving = false;
  /** Nobody listens there any more. */
  isGone = false;

  constructor(endpoint: Endpoint) {
    this.workerId = endpoint.workerId;
    this.address = addressOf(endpoint);
    this.isCommand = endpoint.port !== undefined;
    const rest = this.isCommand ? { timeout: commandRestMs } : {};
    this.#connections = new Connections({ keepAlive: true, ...rest });
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
    if (code === 'DEADLINE_EXCEEDED' || 'httpStatus' in error) return error;
    if (syscall !== 'connect') {
      // Those that rest may be as broken as this one was: the next try begins with a new one.
      this.#connections.closeIdle();
      return unavailable(path, 'maybe', message);
    }
    this.isGone = code === 'ENOENT' || code === 'ECONNREFUSED';
    return unavailable(path, 'no', message);
  }

  /** A tunnel to it stands, from this client. */
  opened(client: Socket, goodbye: () => void): void {
    if (!this.isCommand) return;
    this.#goodbyes.add(goodbye);
    client.once('close', () => this.#goodbyes.delete(goodbye));
  }

  leave(): void {
    this.#connections.leave();
    for (const goodbye of this.#goodbyes) goodbye();
  }
}

/** The HTTP sockets of all workers, and how busy each one is. */
export class Upstreams {
  readonly #byKey = new Map<string, Upstream>();
  #services: RoutingTable['services'] = {};

  update({ services }: Pick<RoutingTable, 'services'>): void {
    this.#services = services;
    const staying = new Map(
      Object.values(services)
        .flatMap(({ endpoints }) => endpoints)
        .filter(({ leaving }) => !leaving)
        .map((endpoint) => [keyOf(endpoint), endpoint]),
    );
    for (const [key, upstream] of this.#byKey) {
      if (staying.has(key)) continue;
      upstream.leave();
      this.#byKey.delete(key);
    }
    for (const [key, endpoint] of staying) {
      if (!this.#byKey.has(key)) this.#byKey.set(key, new Upstream(endpoint));
    }
  }

  /** The less busy one of two workers of this service; never one that leaves. */
  pick(service: string): Upstream | undefined {
    const endpoints = this.#services[service]?.endpoints ?? [];
    const usable = (draining: boolean): readonly Upstream[] =>
      endpoints
        .filter((each) => each.draining === draining && !each.leaving)
        .flatMap((each) => this.#byKey.get(keyOf(each)) ?? [])
        .filter(({ isGone }) => !isGone);
    const found = choose(usable(false)) ?? choose(usable(true));
    if (found === undefined && this.#services[service]?.stopped === true) {
      throw serviceStopped(service, service);
    }
    return found;
  }

  close(): void {
    for (const { agent } of this.#byKey.values()) agent.destroy();
  }
}
