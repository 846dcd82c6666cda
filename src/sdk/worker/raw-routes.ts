import { chmodSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import findMyWay from 'find-my-way';
import type { RouteEntry } from '../../protocol/contract.ts';
import { closeCodes, closeFrame, isWebSocket } from '../../protocol/websocket.ts';
import type { RawHandler, Router, UpgradeHandler, UpgradeOptions } from '../context.ts';
import { type ToldError, toldError } from '../front/answer/told-error.ts';
import { Exchange } from '../front/exchange.ts';
import { upgradeRefusal } from '../front/upgrade-refusal.ts';
import { RawTraffic } from './raw-traffic.ts';

// A named ESM import of node:http loads its WebSocket client too: 37 ms and 13 MB a worker.
const http = process.getBuiltinModule('node:http');

export type RawRoute = { readonly service: string; readonly path: string };
/** Runs a request on the account of its service, in the context that came with it. */
export type Guard = (
  route: RawRoute,
  request: IncomingMessage,
  run: () => unknown,
) => Promise<unknown>;
type UpgradeRoute = UpgradeOptions & RawRoute & { readonly handler: UpgradeHandler };

type Takeover = {
  readonly socket: Duplex;
  readonly head: Buffer;
  /** Nobody else can be found to take it. */
  readonly isAccepted: boolean;
};

/** The ingress keeps the time for slow clients, and it alone closes connections that rest. */
const serverOptions = {
  keepAliveTimeout: 0,
  headersTimeout: 0,
  requestTimeout: 0,
  // More than the ingress takes from outside: it adds some of its own.
  maxHeaderSize: 32 * 1024,
};

/** The raw routes of every service of this worker, on its own Unix socket behind the ingress. */
export class RawRoutes {
  readonly #router = findMyWay({
    defaultRoute: (_request, response) => void answer(response, 404, noRoute),
  });
  readonly #upgrades = findMyWay();
  readonly #entries = new Map<string, RouteEntry[]>();
  readonly #traffic = new RawTraffic();
  readonly #guard: Guard;
  readonly #server: Server;

  constructor(guard: Guard) {
    this.#guard = guard;
    this.#server = http.createServer(serverOptions, (request, response) =>
      this.answer(request, response),
    );
    this.#server.on('upgrade', (request, socket, head) =>
      this.upgrade(request, { socket, head, isAccepted: false }),
    );
    this.#traffic.watch(this.#server);
  }

  routerFor(service: string): Router {
    const entries: RouteEntry[] = [];
    this.#entries.set(service, entries);
    const register =
      (...methods: readonly RouteEntry['method'][]) =>
      (path: string, handler: RawHandler): void => {
        entries.push(...methods.map((method) => ({ method, path })));
        this.#router.on([...methods], path, (request, response, params) => {
          // The router was made for HTTP/1, so these are the messages of node:http.
          const exchange = [request as IncomingMessage, response as ServerResponse] as const;
          void this.#run({ service, path }, exchange, () => handler(...exchange, params));
        });
      };
    return {
      get: register('GET', 'HEAD'),
      post: register('POST'),
      put: register('PUT'),
      patch: register('PATCH'),
      delete: register('DELETE'),
      upgrade: (path, handler, options = {}) => {
        entries.push({ method: 'GET', path, upgrade: true });
        const takeover: UpgradeRoute = { ...options, service, path, handler };
        this.#upgrades.on('GET', path, () => undefined, takeover);
      },
    };
  }

  entriesOf(service: string): readonly RouteEntry[] {
    return this.#entries.get(service) ?? [];
  }

  async listen(path: string): Promise<void> {
    const server = this.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(path, resolve);
    });
    chmodSync(path, 0o600);
  }

  /** A request from the ingress, or from a client that came in by the port of its service. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    this.#traffic.began(new Exchange(request, response));
    this.#router.lookup(request, response);
  }

  upgrade(request: IncomingMessage, { socket, head, isAccepted }: Takeover): void {
    // A reset is followed by `close`; a service that wants to know listens itself.
    socket.on('error', () => undefined);
    const found = this.#upgrades.find('GET', request.url ?? '/');
    if (found === null) {
      socket.end(upgradeRefusal(404));
      return;
    }
    const { handler, onDrain, ...route } = found.store as UpgradeRoute;
    const farewell = onDrain ?? farewellOf(request);
    // The server was made for TCP and Unix sockets; both are sockets of node:net.
    const before = (socket as Socket).bytesWritten;
    const taken = Object.assign(request, { params: found.params });
    const handled = this.#guard(route, request, () => handler(taken, socket, head));
    handled.catch(() => socket.destroy());
    // A service that does not read would not hear that nobody waits for it any more.
    socket.read(0);
    socket.once('end', () => {
      if ((socket as Socket).bytesWritten === before) socket.destroy();
    });
    this.#traffic.upgraded(socket, () => {
      if ((socket as Socket).bytesWritten > before) farewell(socket);
      // Not answered yet: the ingress finds another worker, but a client has only this one.
      else if (isAccepted) void handled.then(() => farewell(socket)).catch(() => undefined);
      else socket.destroy();
    });
  }

  /** Whoever has taken over a socket is to come again, to another worker. */
  sendAway(): void {
    this.#traffic.sendAway();
  }

  /** Tells everyone on the line that this worker leaves. */
  drain(): void {
    this.#traffic.drain();
  }

  /** Resolves when nobody is on the line. */
  drained(): Promise<void> {
    return this.#traffic.drained();
  }

  async close(): Promise<void> {
    this.#server.close();
    await this.#traffic.end();
  }

  async #run(
    route: RawRoute,
    [request, response]: readonly [IncomingMessage, ServerResponse],
    handle: () => unknown,
  ): Promise<void> {
    try {
      await this.#guard(route, request, handle);
    } catch (error) {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const { status, body } = toldError(error, String(request.headers['traceparent'] ?? ''));
      answer(response, status, body);
    }
  }
}

const noRoute = { error: { code: 'NOT_FOUND', message: 'No route' } };

/** A WebSocket is asked to open again elsewhere; of other protocols nothing is known. */
const farewellOf =
  ({ headers }: IncomingMessage) =>
  (socket: Duplex): void => {
    if (isWebSocket(headers.upgrade)) socket.write(closeFrame(closeCodes.serviceRestart));
  };

const answer = (response: ServerResponse, status: number, body: ToldError['body']): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};
