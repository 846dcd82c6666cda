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

/** As people count: #10 comes after #9. */
const compare = (one: string, other: string): number => {
  const [group, number] = partsOf(one);
  const [otherGroup, otherNumber] = partsOf(other);
  if (group !== otherGroup) return group < otherGroup ? -1 : 1;
  return number - otherNumber;
};

const partsOf = (id: string): readonly [group: string, number: number] => {
  const at = id.lastIndexOf('#');
  return [id.slice(0, at), Number(id.slice(at + 1))];
};

const serviceState = (
  config: ServiceConfig,
  placement: Placement,
  workers: readonly Member[],
): ServiceState => {
  const { name } = config;
  const members = workers.toSorted((a, b) => compare(a.id, b.id));
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
  readonly placements: readonly Placement[];
  readonly stopped: StoppedServices;
};

/** Of every service that has a place, or would have one if nobody had stopped it. */
export const statesOf = (
  services: readonly ServiceConfig[],
  { placements, stopped }: Places,
  workers: readonly Member[],
): readonly ServiceState[] => {
  const placementOf = byService(placements);
  const membersOf = byService(workers);
  return services.flatMap((config) => {
    const { name } = config;
    const place = stopped[name];
    if (place !== undefined) return stoppedState(config, place.group);
    const [placement] = placementOf.get(name) ?? [];
    return placement === undefined
      ? []
      : serviceState(config, placement, membersOf.get(name) ?? []);
  });
};

/** This is asked for several times a second, of as many services as there are. */
const byService = <T extends { readonly services: readonly string[] }>(
  all: readonly T[],
): ReadonlyMap<string, readonly T[]> => {
  const found = new Map<string, T[]>();
  for (const each of all) {
    for (const name of each.services) {
      const known = found.get(name);
      if (known === undefined) found.set(name, [each]);
      else known.push(each);
    }
  }
  return found;
};

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
