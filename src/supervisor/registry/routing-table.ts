import { type Contract, emptyContract } from '../../protocol/contract.ts';
import type {
  Endpoint,
  RemoteService,
  RoutingTable,
  WorkerStatus,
} from '../../protocol/topology.ts';

/** What routing needs to know of a worker. */
export type Routed = {
  readonly id: string;
  readonly group: string;
  readonly services: readonly string[];
  readonly status: WorkerStatus;
  readonly isAvoided: boolean;
  readonly rpcPath: string;
  readonly httpPath: string;
  readonly contracts: Readonly<Record<string, Contract>>;
  readonly failures: ReadonlyMap<string, string>;
  readonly unhealthy: ReadonlyMap<string, string>;
};

/**
 * Contracts of every worker that is bound, so that proxies can be wired before anyone answers;
 * endpoints only of workers that answer. A worker of a group that a service has left counts as
 * draining for it.
 */
export const routingTable = (from: {
  readonly generation: number;
  readonly workers: readonly Routed[];
  readonly groupOf: (service: string) => string | undefined;
  readonly remotes: readonly RemoteService[];
}): RoutingTable => {
  const names = new Set(from.workers.flatMap((worker) => Object.keys(worker.contracts)));
  const services = [...names].map((name) => {
    const having = from.workers.filter((worker) => worker.contracts[name] !== undefined);
    const endpoints = having
      .filter((worker) => answers(worker, name))
      .map((worker) => toEndpoint(worker, name, from.groupOf(name)));
    return [name, { contract: newest(having, name), endpoints }] as const;
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
  draining:
    worker.status === 'draining' ||
    worker.isAvoided ||
    worker.unhealthy.has(service) ||
    worker.group !== group,
});

const newest = (workers: readonly Routed[], service: string): Contract =>
  workers.at(-1)?.contracts[service] ?? emptyContract;
