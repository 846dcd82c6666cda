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

/**
 * Contracts of every worker that is bound, so that proxies can be wired before anyone answers;
 * endpoints only of workers that answer. A worker of a group that a service has left counts as
 * draining for it. A service whose workers are all gone keeps its contract: its requests wait for
 * the next worker instead of being unknown.
 */
export const routingTable = (from: {
  readonly generation: number;
  readonly workers: readonly Routed[];
  readonly groupOf: (service: string) => string | undefined;
  readonly choosingOf?: (service: string) => Choosing | undefined;
  readonly remotes: readonly RemoteService[];
  /** Of the table before. */
  readonly known: Services;
  /** As the config names them: of two services with the same route the first one keeps it. */
  readonly order?: readonly string[];
  /** Services that nobody is to be sent to. */
  readonly stopped?: Readonly<Record<string, { readonly contract: Contract }>>;
}): RoutingTable => {
  const { workers, groupOf, choosingOf, known, order = [], stopped = {} } = from;
  const names = new Set([
    ...Object.keys(stopped),
    ...workers.flatMap((worker) => Object.keys(worker.contracts)),
    ...Object.keys(known).filter((name) => groupOf(name) !== undefined),
  ]);
  const named = new Set([...order.filter((name) => names.has(name)), ...names]);
  const services = [...named].map((name) => {
    const { contract: ofStopped } = stopped[name] ?? {};
    if (ofStopped !== undefined) {
      return [name, { contract: ofStopped, endpoints: [], stopped: true }] as const;
    }
    const having = workers.filter((worker) => worker.contracts[name] !== undefined);
    const answering = having.filter((worker) => answers(worker, name));
    // One that is still starting does not know its raw routes.
    const contract = newest(answering, name) ?? known[name]?.contract ?? newest(having, name);
    const endpoints = answering.map((worker) => toEndpoint(worker, name, groupOf(name)));
    const { strategy, canary } = choosingOf?.(name) ?? {};
    const choosing = {
      ...(strategy === undefined ? {} : { strategy }),
      ...(canary === undefined ? {} : { canary }),
    };
    return [name, { contract: contract ?? emptyContract, endpoints, ...choosing }] as const;
  });
  return {
    generation: from.generation,
    services: Object.fromEntries(services),
    remotes: from.remotes,
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
