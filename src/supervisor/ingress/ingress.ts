import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import net from 'node:net';
import findMyWay from 'find-my-way';
import type { RouteEntry } from '../../protocol/contract.ts';
import type { RoutingTable } from '../../protocol/topology.ts';
import { choose } from '../../sdk/rpc/balance.ts';
import { Caller } from '../../sdk/rpc/caller.ts';
import { ServiceMeter } from '../../sdk/rpc/service-meter.ts';
import { isTraceparent, newTraceparent } from '../../sdk/rpc/trace.ts';
import { answerError, answerJson } from './answer.ts';
import { readBody } from './body.ts';
import { streamTo } from './proxy.ts';

const http = process.getBuiltinModule('node:http');

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };
type Params = Readonly<Record<string, string | undefined>>;
type Match = { readonly params: Params; readonly query: unknown };
type Routes = ReturnType<typeof findMyWay>;

/** One HTTP port for all services: routes a request to the service that declares its path. */
export class Ingress {
  /** The ingress counts like a service, so that what waits for an answer here is seen. */
  readonly meter = new ServiceMeter('ingress');
  readonly #caller: Caller;
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #server: Server;
  #routes: Routes = findMyWay();
  #draining = false;
  #inFlight = 0;
  #drained: (() => void) | undefined;

  constructor(requestTimeoutMs: number) {
    this.#caller = new Caller({ requestTimeoutMs, maxPending: 10_000 });
    this.#server = http.createServer((request, response) => this.#serve({ request, response }));
  }

  listen(descriptor: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject).listen({ fd: descriptor }, resolve);
    });
  }

  /** The new table takes the place of the old one between two requests. */
  update(table: RoutingTable): void {
    this.#caller.update(table);
    const routes = findMyWay();
    for (const [service, { contract }] of Object.entries(table.services)) {
      for (const route of contract.routes) this.#add(routes, service, route);
    }
    this.#routes = routes;
  }

  /** Lame duck: no new connection, `Connection: close` on every further answer, none reset. */
  drain(): Promise<void> {
    this.#draining = true;
    net.Server.prototype.close.call(this.#server);
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  #add(routes: Routes, service: string, route: RouteEntry): void {
    // Two services with the same route: the first keeps it.
    if (routes.hasRoute(route.method, route.path)) return;
    routes.on(route.method, route.path, () => undefined, {
      run: (exchange: Exchange, match: Match) =>
        route.handler === undefined
          ? this.#stream(service, exchange)
          : this.#call({ service, method: route.handler }, exchange, match),
    });
  }

  #serve(exchange: Exchange): void {
    const { response } = exchange;
    const startedAt = performance.now();
    this.#inFlight += 1;
    response.once('close', () => {
      this.#inFlight -= 1;
      this.meter.answered(performance.now() - startedAt, response.statusCode >= 500);
      if (this.#inFlight === 0) this.#drained?.();
    });
    this.meter.arrived(0);
    if (this.#draining) response.setHeader('connection', 'close');
    this.#route(exchange).catch((error) => answerError(response, error));
  }

  async #route(exchange: Exchange): Promise<void> {
    const { request, response } = exchange;
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (path === '/healthz' || path === '/readyz') {
      answerJson(response, this.#draining ? 503 : 200, { ok: !this.#draining });
      return;
    }
    // find-my-way knows the methods that Node's parser lets through.
    const found = this.#routes.find(request.method as RouteEntry['method'], request.url ?? '/');
    if (found === null) {
      answerJson(response, 404, { error: { code: 'NOT_FOUND', message: `No route ${path}` } });
      return;
    }
    const store = found.store as { run: (exchange: Exchange, match: Match) => Promise<void> };
    await store.run(exchange, { params: found.params, query: found.searchParams });
  }

  async #call(
    target: { readonly service: string; readonly method: string },
    { request, response }: Exchange,
    { params, query }: Match,
  ): Promise<void> {
    const { service } = target;
    const body = await readBody(request);
    const traceparent = traceOf(request);
    const args = [body, { ...params }, { ...(query as object) }];
    const idempotent = request.method === 'GET' || request.method === 'HEAD';
    const value = await this.meter.awaiting(service, () =>
      this.#caller.call({
        ...target,
        kind: 'route',
        args,
        from: 'ingress',
        traceparent,
        idempotent,
      }),
    );
    answerJson(response, request.method === 'POST' ? 201 : 200, value);
  }

  async #stream(service: string, exchange: Exchange): Promise<void> {
    const endpoints = this.#caller.table.services[service]?.endpoints ?? [];
    const endpoint = choose(
      endpoints.map((each) => ({ ...each, pending: 0, latencyMs: 0, leaving: each.draining })),
    );
    if (endpoint === undefined) {
      throw Object.assign(new Error(`No worker of ${service} is ready`), { code: 'UNAVAILABLE' });
    }
    const options = { agent: this.#agent, traceparent: traceOf(exchange.request) };
    streamTo(endpoint.httpPath, exchange, options);
  }
}

/** Of all that comes from outside only a valid trace becomes context. */
const traceOf = ({ headers }: IncomingMessage): string =>
  isTraceparent(headers['traceparent']) ? headers['traceparent'] : newTraceparent();
