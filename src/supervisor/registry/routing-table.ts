import { isDeepStrictEqual } from 'node:util';
import { type Contract, emptyContract } from '../../protocol/contract.ts';
import type {
  Endpoint,
  RemoteService,
  RoutingTable,
  ServiceConfig,
  WorkerStatus,
} from '../../protocol/topology.ts';

/** How its callers choose, as the config says it. */
export type Choosing = Pick<ServiceConfig, 'strategy' | 'canary'>;

/** What routing needs to know of a worker. */
export type Routed = {
  readonly id: string;
  readonly group: string;
  readonly services: readonly string[];
  readonly status: WorkerStatus;
  readonly isAvoided: boolean;
  readonly isStandby: boolean;
  readonly rpcPath: string;
  readonly httpPath: string;
  readonly port?: number | undefined;
  readonly contracts: Readonly<Record<string, Contract>>;
  readonly failures: ReadonlyMap<string, string>;
  readonly unhealthy: ReadonlyMap<string, string>;
};

type Services = RoutingTable['services'];

type Sources = {
  readonly generation: number;
  readonly workers: readonly Routed[];
  readonly groupOf: (service: string) => string | undefined;
  readonly choosingOf?: (service: string) => Choosing | undefined;
  readonly remotes: readonly RemoteService[];
  /** Of the table before. */
  readonly known: Services;
  /** Services that may be other than they are known; absent: all. */
  readonly stale?: ReadonlySet<string> | undefined;
  /** As the config names them: of two services with the same route the first one keeps it. */
  readonly order?: readonly string[];
  /** Services that nobody is to be sent to. */
  readonly stopped?: Readonly<Record<string, { readonly contract: Contract }>>;
};

/**
 * Contracts of every worker that is bound, so that proxies can be wired before anyone answers;
 * endpoints only of workers that answer. A worker of a group that a service has left counts as
 * draining for it. A service whose workers are all gone keeps its contract: its requests wait for
 * the next worker instead of being unknown.
 */
export const routingTable = (from: Sources): RoutingTable => {
  const { generation, remotes, known, stale, workers, order = [], stopped = {} } = from;
  const having = byService(workers);
  const services: Record<string, Services[string]> = stale === undefined ? {} : { ...known };
  const names = stale ?? [...Object.keys(stopped), ...having.keys(), ...Object.keys(known)];
  for (const name of new Set(names)) {
    const entry = entryOf(name, having.get(name), from);
    if (entry === undefined) delete services[name];
    // What has not changed stays the same object, by which those are found to whom it is no news.
    else services[name] = isDeepStrictEqual(entry, known[name]) ? (known[name] ?? entry) : entry;
  }
  return { generation, services: inOrder(services, order), remotes };
};

/** Those that are not named come last, as they are. */
const inOrder = (services: Services, order: readonly string[]): Services => {
  const first = order.flatMap((name) => {
    const entry = services[name];
    return entry === undefined ? [] : [[name, entry] as const];
  });
  return { ...Object.fromEntries(first), ...services };
};

const byService = (workers: readonly Routed[]): ReadonlyMap<string, readonly Routed[]> => {
  const having = new Map<string, Routed[]>();
  for (const worker of workers) {
    for (const name in worker.contracts) {
      const known = having.get(name);
      if (known === undefined) having.set(name, [worker]);
      else known.push(worker);
    }
  }
  return having;
};

/** Undefined when the service is no part of the app any more. */
const entryOf = (
  name: string,
  having: readonly Routed[] = [],
  { groupOf, choosingOf, known, stopped = {} }: Sources,
): Services[string] | undefined => {
  const { contract: ofStopped } = stopped[name] ?? {};
  if (ofStopped !== undefined) return { contract: ofStopped, endpoints: [], stopped: true };
  const group = groupOf(name);
  if (having.length === 0 && (group === undefined || known[name] === undefined)) return undefined;
  const answering = having.filter((worker) => answers(worker, name));
  // One that is still starting does not know its raw routes.
  const contract = newest(answering, name) ?? known[name]?.contract ?? newest(having, name);
  const { strategy, canary } = choosingOf?.(name) ?? {};
  return {
    contract: contract ?? emptyContract,
    endpoints: answering.map((worker) => toEndpoint(worker, name, group)),
    ...(strategy === undefined ? {} : { strategy }),
    ...(canary === undefined ? {} : { canary }),
  };
};

const answers = (worker: Routed, service: string): boolean =>
  (worker.status === 'ready' || worker.status === 'draining') && !worker.failures.has(service);

const toEndpoint = (worker: Routed, service: string, group: string | undefined): Endpoint => ({
  workerId: worker.id,
  rpcPath: worker.rpcPath,
  httpPath: worker.httpPath,
  ...(worker.port === undefined ? {} : { port: worker.port }),
  draining:
    worker.status === 'draining' ||
    worker.isAvoided ||
    worker.unhealthy.has(service) ||
    worker.group !== group,
  ...(worker.status === 'draining' ? { leaving: true } : {}),
  ...(worker.isStandby ? { standby: true } : {}),
});

const newest = (workers: readonly Routed[], service: string): Contract | undefined =>
  workers.at(-1)?.contracts[service];
