import findMyWay from 'find-my-way';
import type { HttpMethod, RouteEntry } from '../../protocol/contract.ts';
import type { RoutingTable } from '../../protocol/topology.ts';

type Params = Readonly<Record<string, string | undefined>>;

export type Match = {
  readonly service: string;
  /** Method of the service that answers; absent for a raw route. */
  readonly handler?: string;
  readonly params: Params;
  readonly query: object;
};

type Target = Pick<Match, 'service' | 'handler'>;
type Router = ReturnType<typeof findMyWay>;

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Which service declares a path; made anew for each routing table. */
export class Routes {
  readonly #requests = findMyWay();
  readonly #upgrades = findMyWay();

  constructor(table: Pick<RoutingTable, 'services'>) {
    for (const [service, { contract }] of Object.entries(table.services)) {
      for (const route of contract.routes) this.#tryToAdd(service, route);
    }
  }

  find(method: string, url: string): Match | undefined {
    return matchOf(this.#requests, method, url);
  }

  findUpgrade(url: string): Match | undefined {
    return matchOf(this.#upgrades, 'GET', url);
  }

  /** What the path may be asked with; empty when it is unknown. */
  allowed(url: string): readonly HttpMethod[] {
    return methods.filter((method) => this.find(method, url) !== undefined);
  }

  /** A path that cannot be read must not take the routes of other services away. */
  #tryToAdd(service: string, route: RouteEntry): void {
    try {
      this.#add(service, route);
    } catch (error) {
      process.stderr.write(`${service} ${route.method} ${route.path} is no route: ${error}\n`);
    }
  }

  #add(service: string, { method, path, handler, upgrade }: RouteEntry): void {
    const target: Target = handler === undefined ? { service } : { service, handler };
    if (upgrade) {
      register(this.#upgrades, method, { path, target });
      return;
    }
    register(this.#requests, method, { path, target });
    // As HTTP has it: HEAD is answered wherever GET is, by the same handler.
    if (method === 'GET') register(this.#requests, 'HEAD', { path, target });
  }
}

/** Two services with the same route: the first keeps it. */
const register = (
  router: Router,
  method: HttpMethod,
  { path, target }: { readonly path: string; readonly target: Target },
): void => {
  if (!router.hasRoute(method, path)) router.on(method, path, () => undefined, target);
};

const matchOf = (router: Router, method: string, url: string): Match | undefined => {
  // find-my-way knows the methods that Node's parser lets through.
  const found = router.find(method as HttpMethod, url);
  if (found === null) return undefined;
  const { params, searchParams: query } = found;
  return { ...(found.store as Target), params, query };
};
