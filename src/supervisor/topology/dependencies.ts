import { unknownService } from '../../protocol/errors.ts';
import type { Placement, ServiceConfig } from '../../protocol/topology.ts';
import type { AppConfig } from '../config/app-config.ts';

type Dependent = Pick<ServiceConfig, 'name' | 'dependsOn'>;
/** Which services run together. */
type Grouped = Pick<Placement, 'group' | 'services'>;

/** The first circle of `dependsOn`, written out with its start repeated at the end. */
export const findCycle = (services: readonly Dependent[]): readonly string[] | undefined => {
  const dependsOn = new Map(services.map((service) => [service.name, service.dependsOn]));
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const next of dependsOn.get(name) ?? []) {
      const cycle = visit(next, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const { name } of services) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
};

/**
 * Groups in the order in which they may start. Two groups can wait for each other although no two
 * services do; such groups start together at the end, for neither can be first.
 */
export const startLevels = (
  placements: readonly Grouped[],
  services: readonly Dependent[],
): readonly (readonly string[])[] => {
  const levels: string[][] = [];
  let waiting = placements;
  while (waiting.length > 0) {
    const missing = new Set(waiting.flatMap((placement) => placement.services));
    const free = waiting.filter((placement) => !waitsFor(placement, missing, services));
    const level = free.length > 0 ? free : waiting;
    levels.push(level.map(({ group }) => group));
    waiting = waiting.filter((placement) => !level.includes(placement));
  }
  return levels;
};

const waitsFor = (
  placement: Grouped,
  missing: ReadonlySet<string>,
  services: readonly Dependent[],
): boolean =>
  services
    .filter(({ name }) => placement.services.includes(name))
    .flatMap(({ dependsOn }) => dependsOn)
    .some((name) => missing.has(name) && !placement.services.includes(name));

/** The config with only the named services and what they depend on. */
export const onlyServices = (config: AppConfig, only: readonly string[] | undefined): AppConfig => {
  if (only === undefined) return config;
  const byName = new Map(config.services.map((service) => [service.name, service]));
  const names = new Set(only);
  for (const name of names) {
    const service = byName.get(name);
    if (service === undefined) throw unknownService(name, [...byName.keys()]);
    for (const next of service.dependsOn) if (byName.has(next)) names.add(next);
  }
  return { ...config, only, services: config.services.filter(({ name }) => names.has(name)) };
};
