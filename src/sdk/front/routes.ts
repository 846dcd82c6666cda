import { isDeepStrictEqual } from 'node:util';
import findMyWay from 'find-my-way';
import type {
  Contract,
  HttpMethod,
  Priority,
  RouteEntry,
  RouteTerms,
} from '../../protocol/contract.ts';
import { hostName } from './host-name.ts';

type Params = Readonly<Record<string, string | undefined>>;

export type Match = {
  readonly service: string;
  /** As it was declared, such as `/users/:id`. */
  readonly path: string;
  /** Method of the service that answers; absent for a raw route. */
  readonly handler: string | undefined;
  readonly priority: Priority;
  readonly terms: RouteTerms | undefined;
  readonly params: Params;
  readonly query: object;
};

type Services = Readonly<Record<string, { readonly contract: Pick<Contract, 'routes'> }>>;
type Target = Pick<Match, 'service' | 'path' | 'handler' | 'priority' | 'terms'>;
type Router = ReturnType<typeof findMyWay>;

type Declared = readonly [service: string, routes: readonly RouteEntry[]];

const declaredBy = (services: Services): readonly Declared[] =>
  Object.entries(services).map(([service, { contract }]) => [service, contract.routes]);

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** Which service declares a path; made anew when one of them changes. */
export class Routes {
  readonly #requests = findMyWay();
  readonly #upgrades = findMyWay();
  readonly #unserved: string[] = [];
  readonly #declared: readonly Declared[];
  /** Mostly none does, and then nobody's host is looked at. */
  #nameHosts = false;

  constructor(services: Services) {
    this.#declared = declaredBy(services);
    for (const [service, routes] of this.#declared) {
      for (const route of routes) this.#tryToAdd(service, route);
    }
  }

  /** Whether they declare the same, in the same order: a table comes with every change, mostly of workers. */
  isOf(services: Services): boolean {
    return isDeepStrictEqual(this.#declared, declaredBy(services));
  }

  /** Of two services with the same route the first keeps it: a sentence for each that the other has in vain. */
  get unserved(): readonly string[] {
    return this.#unserved;
  }

  find(method: string, url: string, host: string): Match | undefined {
    return matchOf(this.#requests, { method, url, host: this.#hostOf(host) });
  }

  findUpgrade(url: string, host: string): Match | undefined {
    return matchOf(this.#upgrades, { method: 'GET', url, host: this.#hostOf(host) });
  }

  /** What the path may be asked with; empty when it is unknown. */
  allowed(url: string, host: string): readonly HttpMethod[] {
    return methods.filter((method) => this.find(method, url, host) !== undefined);
  }

  #hostOf(host: string): string {
    return this.#nameHosts ? hostName(host) : '';
  }

  /** A path that cannot be read must not take the routes of other services away. */
  #tryToAdd(service: string, route: RouteEntry): void {
    try {
      this.#add(service, route);
    } catch (error) {
      process.stderr.write(`${service} ${route.method} ${route.path} is no route: ${error}\n`);
    }
  }

  #add(service: string, { method, path, host, handler, upgrade, ...rest }: RouteEntry): void {
    const { priority = 'normal', terms } = rest;
    this.#nameHosts ||= host !== undefined;
    const route = { path, host, target: { service, path, handler, priority, terms } };
    const router = upgrade ? this.#upgrades : this.#requests;
    const keeper = register(router, method, route);
    if (keeper !== service) {
      this.#unserved.push(
        `${method} ${host ?? ''}${path} of ${service} is not served: ${keeper} has it`,
      );
    }
    // As HTTP has it: HEAD is answered wherever GET is, by the same handler.
    else if (method === 'GET' && !upgrade) register(router, 'HEAD', route);
  }
}

type Route = {
  readonly path: string;
  readonly host: string | undefined;
  readonly target: Target;
};

/** The service that has the route from now on: this one, unless it was another's before. */
const register = (router: Router, method: HttpMethod, { path, host, target }: Route): string => {
  const constraints = host === undefined ? {} : { host: hostName(host) };
  const before = router.findRoute(method, path, constraints);
  if (before !== null) return (before.store as Target).service;
  router.on(method, path, { constraints }, () => undefined, target);
  return target.service;
};

type Asked = { readonly method: string; readonly url: string; readonly host: string };

const matchOf = (router: Router, { method, url, host }: Asked): Match | undefined => {
  // find-my-way knows the methods that Node's parser lets through.
  const found = router.find(method as HttpMethod, url, { host });
  if (found === null) return undefined;
  const { service, path, handler, priority, terms } = found.store as Target;
  return {
    service,
    path,
    handler,
    priority,
    terms,
    params: found.params,
    query: found.searchParams,
  };
};
