import type { Placement, ServiceConfig, WorkerStatus } from '../../protocol/topology.ts';
import type { Instant } from '../../protocol/units.ts';
import type { StoppedServices } from '../topology/placement.ts';

export type WorkerState = {
  readonly id: string;
  readonly pid: number;
  readonly status: WorkerStatus;
  readonly restarts: number;
  readonly startedAt: Instant;
  readonly standby?: true;
  /** What held its event loop lately, innermost function first. */
  readonly stalledIn?: string;
};

export type ServiceState = {
  readonly config: ServiceConfig;
  readonly group: string;
  readonly colocatedWith: readonly string[];
  readonly status: WorkerStatus;
  /** Why it failed, or why it waits to be started again. */
  readonly reason?: string;
  readonly workers: readonly WorkerState[];
  /** What the config said of it when each of its workers was made. */
  readonly startedWith: readonly ServiceConfig[];
  /** By an operator. */
  readonly isStopped?: true;
};

type Member = Omit<WorkerState, 'stalledIn' | 'standby'> & {
  readonly isStandby: boolean;
  readonly services: readonly string[];
  readonly configs: readonly ServiceConfig[];
  readonly failures: ReadonlyMap<string, string>;
  readonly unhealthy: ReadonlyMap<string, string>;
  readonly reason: string | undefined;
  readonly stall: { readonly stack: string | undefined };
};

/** One worker that answers is enough to be ready; else the most hopeful status speaks. */
const order: readonly WorkerStatus[] = [
  'ready',
  'starting',
  'waiting',
  'backoff',
  'failed',
  'draining',
  'stopping',
  'stopped',
];

const serviceState = (
  config: ServiceConfig,
  placement: Placement,
  workers: readonly Member[],
): ServiceState => {
  const { name } = config;
  const members = workers
    .filter(({ services }) => services.includes(name))
    .toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
  const statuses = members.map((worker) => statusIn(worker, name));
  const status = order.find((candidate) => statuses.includes(candidate)) ?? 'stopped';
  const speaker = members[statuses.indexOf(status)];
  const unwell = members
    .map(({ unhealthy }) => unhealthy.get(name))
    .find((why) => why !== undefined);
  const reason = speaker?.failures.get(name) ?? unwell ?? speaker?.reason;
  return {
    config,
    group: placement.group,
    colocatedWith: placement.services.filter((other) => other !== name),
    status,
    ...(reason === undefined ? {} : { reason }),
    workers: members.map((worker) => ({
      id: worker.id,
      pid: worker.pid,
      status: worker.isStandby ? 'draining' : worker.status,
      restarts: worker.restarts,
      startedAt: worker.startedAt,
      ...(worker.isStandby && { standby: true as const }),
      ...(worker.stall.stack !== undefined && { stalledIn: worker.stall.stack }),
    })),
    // Those that a reload has replaced are only at hand.
    startedWith: members
      .filter(({ isStandby }) => !isStandby)
      .flatMap(({ configs }) => configs.filter((one) => one.name === name)),
  };
};

const statusIn = (worker: Member, service: string): WorkerStatus =>
  worker.status === 'ready' && worker.failures.has(service) ? 'failed' : worker.status;

type Places = {
  readonly placementOf: (service: string) => Placement | undefined;
  readonly stopped: StoppedServices;
};

/** Of every service that has a place, or would have one if nobody had stopped it. */
export const statesOf = (
  services: readonly ServiceConfig[],
  places: Places,
  workers: readonly Member[],
): readonly ServiceState[] =>
  services.flatMap((config) => {
    const stopped = places.stopped[config.name];
    if (stopped !== undefined) return stoppedState(config, stopped.group);
    const placement = places.placementOf(config.name);
    return placement === undefined ? [] : serviceState(config, placement, workers);
  });

const stoppedState = (config: ServiceConfig, group: string): ServiceState => ({
  config,
  group,
  colocatedWith: [],
  status: 'stopped',
  reason: 'by an operator',
  workers: [],
  startedWith: [],
  isStopped: true,
});
