import { isCommand, type ServiceConfig } from '../../protocol/topology.ts';
import type { Overrides } from '../topology/placement.ts';
import type { AppConfig } from './app-config.ts';

export type Setting = {
  /** As one writes it in the config file, such as `users.timeouts.start`. */
  readonly key: string;
  readonly value: unknown;
  readonly from: 'config' | 'operator' | 'default';
};

type Described = Readonly<Record<string, unknown>>;

/** Every setting of an app with its value and where that comes from. Secrets of `env` stay hidden. */
export const describeConfig = (
  config: AppConfig,
  { raw, overrides }: { readonly raw: unknown; readonly overrides: Overrides },
): readonly Setting[] => {
  const of = (prefix: string, described: Described, written: unknown): readonly Setting[] =>
    leaves(described).map(([path, value]) => ({
      key: [...prefix.split('.'), ...path].filter((part) => part !== '').join('.'),
      value,
      from: isWritten(written, path) ? 'config' : 'default',
    }));
  const services = config.services.flatMap((service) =>
    of(service.name, describeService(service), valueAt(raw, ['services', service.name])).map(
      (setting) => overridden(setting, service, overrides),
    ),
  );
  return [...services, ...of('', describeApp(config), raw)];
};

export const describeService = (service: ServiceConfig): Described => ({
  ...describeKind(service),
  workers: service.workers,
  weight: service.weight ?? 1,
  dependsOn: service.dependsOn,
  env: Object.fromEntries(Object.keys(service.env).map((name) => [name, '(hidden)'])),
  ...(service.memoryLimit === undefined ? {} : { memory: { limit: service.memoryLimit } }),
});

const describeKind = (service: ServiceConfig): Described => {
  const { timeouts } = service;
  if (isCommand(service)) {
    const { command, cwd, port, healthPath } = service;
    return {
      command,
      cwd,
      ...(port === undefined ? {} : { port }),
      ...(healthPath === undefined ? {} : { health: healthPath }),
      timeouts: { start: timeouts.start, stop: timeouts.stop },
    };
  }
  return {
    entry: service.entry,
    ...(service.port === undefined ? {} : { port: service.port }),
    group: service.group,
    connects: service.connects,
    timeouts,
    health: service.health,
  };
};

export const describeApp = (config: AppConfig): Described => ({
  app: config.app,
  http: {
    ...(config.httpPort === undefined ? {} : { port: config.httpPort }),
    ...config.http,
  },
  supervisor: {
    successor: config.supervisor.successor,
    orphanGrace: config.supervisor.orphanGraceMs,
  },
  reload: { bake: config.reload.bakeMs },
  advisor: config.advisor,
  logs: config.logs,
});

type Leaf = readonly [path: readonly string[], value: unknown];

/** What is written in the config as one value, with its path. */
export const leaves = (value: Described, path: readonly string[] = []): readonly Leaf[] =>
  Object.entries(value).flatMap(([key, inner]) =>
    isFields(inner) ? leaves(inner, [...path, key]) : [[[...path, key], inner] as const],
  );

const isFields = (value: unknown): value is Described =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (isFields(inner) ? inner[key] : undefined), value);

/** `workers: 2` settles its whole sub-tree, as `workers: { min: 2 }` does only its own part. */
const isWritten = (written: unknown, path: readonly string[]): boolean =>
  path.some((_, index) => {
    const value = valueAt(written, path.slice(0, index + 1));
    return value !== undefined && (index === path.length - 1 || !isFields(value));
  });

const overridden = (setting: Setting, service: ServiceConfig, overrides: Overrides): Setting => {
  const group = overrides.groups[service.name];
  const workers = overrides.workers[group ?? service.group];
  if (setting.key === `${service.name}.group` && group !== undefined) {
    return { ...setting, value: group, from: 'operator' };
  }
  if (setting.key === `${service.name}.workers.initial` && workers !== undefined) {
    return { ...setting, value: workers, from: 'operator' };
  }
  return setting;
};
