import type { AutopilotMode } from '../../protocol/autopilot.ts';
import type { Placement, ServiceConfig } from '../../protocol/topology.ts';
import { type Allocated, allocate } from './allocate.ts';
import type { AppConfig } from './app-config.ts';
import { demandOf, workerBounds } from './demand.ts';

/** What operators changed against the config; it survives a restart. */
export type Overrides = {
  /** Service → group. */
  readonly groups: Readonly<Record<string, string>>;
  /** Group → workers. */
  readonly workers: Readonly<Record<string, number>>;
  /** Whether it acts by itself, if not as the config has it. */
  readonly autopilot?: AutopilotMode;
};

export const noOverrides: Overrides = { groups: {}, workers: {} };

type Sized = Pick<AppConfig, 'services' | 'budget'>;

/** Which groups there are, in config order, and how many workers each has. */
export const placementsOf = (
  config: Sized,
  overrides: Overrides = noOverrides,
): readonly Placement[] => {
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

/** The inverse of `placementsOf`: only what differs from the config. */
export const overridesOf = (config: Sized, placements: readonly Placement[]): Overrides => {
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
  return { groups, workers };
};

const within = (
  { min, max }: { readonly min: number; readonly max: number },
  workers: number,
): number => Math.max(min, Math.min(max, workers));
