import type { AutopilotMode } from '../../protocol/autopilot.ts';
import type { Contract } from '../../protocol/contract.ts';
import type { Placement, ServiceConfig } from '../../protocol/topology.ts';
import type { AppConfig } from '../config/app-config.ts';
import { type Allocated, allocate } from './allocate.ts';
import { demandOf, workerBounds } from './demand.ts';

/** What operators changed against the config; it survives a restart. */
export type Overrides = {
  /** Service → group. */
  readonly groups: Readonly<Record<string, string>>;
  /** Group → workers. */
  readonly workers: Readonly<Record<string, number>>;
  /** Services that do not run, and their contracts: who asks for them is told so at once. */
  readonly stopped?: Readonly<Record<string, Contract>>;
  /** Whether it acts by itself, if not as the config has it. */
  readonly autopilot?: AutopilotMode;
};

export const noOverrides: Overrides = { groups: {}, workers: {} };

type Sized = Pick<AppConfig, 'services' | 'budget'>;

/** A service that an operator stopped, and where it would run. */
type Stopped = { readonly group: string; readonly workers: number; readonly contract: Contract };
export type StoppedServices = Readonly<Record<string, Stopped>>;

/** Which groups there are, in config order, and how many workers each has. */
export const placementsOf = (
  config: Sized,
  overrides: Overrides = noOverrides,
): readonly Placement[] => {
  const { stopped = {} } = overrides;
  return wholeOf(config, overrides).flatMap((placement) => {
    const services = placement.services.filter((name) => stopped[name] === undefined);
    return services.length === 0 ? [] : { ...placement, services };
  });
};

/** With what is stopped: that somebody stops a service gives its cores to nobody else. */
const wholeOf = (config: Sized, overrides: Overrides): readonly Placement[] => {
  const members = membersOf(config, overrides);
  return allocationOf(config, overrides).shares.map(({ demand, workers }) => ({
    group: demand.group,
    services: demand.services,
    workers: within(
      workerBounds(members.get(demand.group) ?? []),
      overrides.workers[demand.group] ?? workers,
    ),
  }));
};

export const stoppedOf = (config: Sized, overrides: Overrides = noOverrides): StoppedServices => {
  const whole = wholeOf(config, overrides);
  return Object.fromEntries(
    Object.entries(overrides.stopped ?? {}).flatMap(([name, contract]) => {
      const home = whole.find(({ services }) => services.includes(name));
      return home === undefined
        ? []
        : [[name, { group: home.group, workers: home.workers, contract }]];
    }),
  );
};

/**
 * What the allocator gives each group. It does not know how far operators scaled: an order to one
 * group must not take workers from another at the next start.
 */
export const allocationOf = (config: Sized, overrides: Overrides = noOverrides): Allocated =>
  allocate(
    [...membersOf(config, overrides)].map(([group, services]) => demandOf(group, services)),
    config.budget,
  );

const membersOf = (
  { services }: Sized,
  overrides: Overrides,
): ReadonlyMap<string, readonly ServiceConfig[]> =>
  Map.groupBy(services, (service) => overrides.groups[service.name] ?? service.group);

/** The inverse of `placementsOf` and `stoppedOf`: only what differs from the config. */
export const overridesOf = (
  config: Sized,
  running: readonly Placement[],
  stopped: StoppedServices = {},
): Overrides => {
  const placements = withStopped(running, stopped);
  const groups: Record<string, string> = {};
  for (const { name, group } of config.services) {
    const now = placements.find((placement) => placement.services.includes(name))?.group;
    if (now !== undefined && now !== group) groups[name] = now;
  }
  const byConfig = placementsOf(config, { groups, workers: {} });
  const workers: Record<string, number> = {};
  for (const { group, workers: planned } of byConfig) {
    const now = placements.find((placement) => placement.group === group)?.workers;
    if (now !== undefined && now !== planned) workers[group] = now;
  }
  const contracts = Object.entries(stopped).map(([name, { contract }]) => [name, contract]);
  return {
    groups,
    workers,
    ...(contracts.length === 0 ? {} : { stopped: Object.fromEntries(contracts) }),
  };
};

const withStopped = (
  running: readonly Placement[],
  stopped: StoppedServices,
): readonly Placement[] => {
  const groups = new Map(running.map((placement) => [placement.group, placement]));
  for (const [name, { group, workers }] of Object.entries(stopped)) {
    const home = groups.get(group) ?? { group, services: [], workers };
    groups.set(group, { ...home, services: [...home.services, name] });
  }
  return [...groups.values()];
};

const within = (
  { min, max }: { readonly min: number; readonly max: number },
  workers: number,
): number => Math.max(min, Math.min(max, workers));
