import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import findMyWay from 'find-my-way';
import type { RouteEntry } from '../../protocol/contract.ts';
import type { RawHandler, Router } from '../context.ts';

// A named ESM import of node:http loads its WebSocket client too: 37 ms and 13 MB a worker.
const http = process.getBuiltinModule('node:http');

type Params = Readonly<Record<string, string | undefined>>;
type Guard = (service: string, request: IncomingMessage, run: () => unknown) => Promise<unknown>;

/** The raw routes of every service of this worker, on its own Unix socket behind the ingress. */
export class RawRoutes {
  readonly #router = findMyWay({
    defaultRoute: (_request, response) => void answer(response, 404, 'NOT_FOUND'),
  });
  readonly #entries = new Map<string, RouteEntry[]>();
  readonly #guard: Guard;
  #server: Server | undefined;
  #draining = false;

  constructor(guard: Guard) {
    this.#guard = guard;
  }

  routerFor(service: string): Router {
    const entries: RouteEntry[] = [];
    this.#entries.set(service, entries);
    const register =
      (method: RouteEntry['method']) =>
      (path: string, handler: RawHandler): void => {
        entries.push({ method, path });
        this.#router.on(method, path, (request, response, params) => {
          void this.#run(
            service,
            { request: request as IncomingMessage, response: response as ServerResponse },
            (exchange) => handler(exchange.request, exchange.response, params as Params),
          );
        });
      };
    return {
      get: register('GET'),
      post: register('POST'),
      put: register('PUT'),
      patch: register('PATCH'),
      delete: register('DELETE'),
    };
  }

  entriesOf(service: string): readonly RouteEntry[] {
    return this.#entries.get(service) ?? [];
  }

  listen(path: string): Promise<void> {
    const server = http.createServer((request, response) => {
      if (this.#draining) response.setHeader('connection', 'close');
      this.#router.lookup(request, response);
    });
    this.#server = server;
    return new Promise((resolve, reject) => server.once('error', reject).listen(path, resolve));
  }

  /** Lame duck: open connections are answered and told to close, none is reset. */
  drain(): void {
    this.#draining = true;
  }

  close(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  async #run(
    service: string,
    exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
    handle: (exchange: {
      readonly request: IncomingMessage;
      readonly response: ServerResponse;
    }) => unknown,
  ): Promise<void> {
    try {
      await this.#guard(service, exchange.request, () => handle(exchange));
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      if (exchange.response.headersSent) exchange.response.destroy();
      else answer(exchange.response, 500, 'INTERNAL');
    }
  }
}

const answer = (response: ServerResponse, status: number, code: string): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { code } }));
};
