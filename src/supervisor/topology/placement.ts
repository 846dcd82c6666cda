import type { Placement, ServiceConfig } from '../../protocol/topology.ts';
import type { AppConfig } from './app-config.ts';

/** What operators changed against the config; it survives a restart. */
export type Overrides = {
  /** Service → group. */
  readonly groups: Readonly<Record<string, string>>;
  /** Group → workers. */
  readonly workers: Readonly<Record<string, number>>;
};

export const noOverrides: Overrides = { groups: {}, workers: {} };

/** Which groups there are, in config order, and how many workers each has. */
export const placementsOf = (
  config: Pick<AppConfig, 'services'>,
  overrides: Overrides = noOverrides,
): readonly Placement[] => {
  const members = Map.groupBy(
    config.services,
    (service) => overrides.groups[service.name] ?? service.group,
  );
  return [...members].map(([group, services]) => ({
    group,
    services: services.map(({ name }) => name),
    workers: within(
      workerBounds(services),
      overrides.workers[group] ?? Math.max(...services.map((one) => one.workers.initial)),
    ),
  }));
};

/** The inverse of `placementsOf`: only what differs from the config. */
export const overridesOf = (
  config: Pick<AppConfig, 'services'>,
  placements: readonly Placement[],
): Overrides => {
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

/** Most and fewest workers that every service of a group allows. */
export const workerBounds = (
  services: readonly Pick<ServiceConfig, 'workers'>[],
): { readonly min: number; readonly max: number } => ({
  min: Math.max(1, ...services.map(({ workers }) => workers.min)),
  max: Math.min(...services.map(({ workers }) => workers.max)),
});

const within = (
  { min, max }: { readonly min: number; readonly max: number },
  workers: number,
): number => Math.max(min, Math.min(max, workers));
