import { relative } from 'node:path';
import { type EnvFile, isCommand, type ServiceConfig } from '../../protocol/topology.ts';
import type { Overrides } from '../topology/placement.ts';
import type { AppConfig } from './app-config.ts';

export type Setting = {
  /** As one writes it in the config file, such as `users.timeouts.start`. */
  readonly key: string;
  readonly value: unknown;
  /** Or the file that sets a variable, from the folder of the app on. */
  readonly from: 'config' | 'operator' | 'default' | 'environment' | `./${string}`;
};

type Sources = {
  /** What the config file exports. */
  readonly raw: unknown;
  readonly overrides: Overrides;
  /** That of whoever starts the app: it wins over the files beside the config. */
  readonly environment: Readonly<Record<string, unknown>>;
};

type Described = Readonly<Record<string, unknown>>;

/** Every setting of an app with its value and where that comes from. Secrets of `env` stay hidden. */
export const describeConfig = (
  config: AppConfig,
  { raw, overrides, environment }: Sources,
): readonly Setting[] => {
  const of = (prefix: string, described: Described, written: unknown): readonly Setting[] =>
    leaves(described).map(([path, value]) => ({
      key: [...prefix.split('.'), ...path].filter((part) => part !== '').join('.'),
      value,
      from: isWritten(written, path) ? 'config' : 'default',
    }));
  const services = config.services.flatMap((service) =>
    of(service.name, describeService(service), valueAt(raw, ['services', service.name])).map(
      (setting) => overridden(filed(setting, service, config.directory), service, overrides),
    ),
  );
  const variables = config.envFiles?.flatMap(({ names }) => names) ?? [];
  const shared = [...new Set(variables)].map((name) => ({
    key: `env.${name}`,
    value: hidden,
    from:
      environment[name] === undefined
        ? sourceOf(name, config.envFiles, config.directory)
        : ('environment' as const),
  }));
  return [...services, ...shared, ...of('', describeApp(config), raw)];
};

const hidden = '(hidden)';

/** A variable that the config does not write is from a file that it names. */
const filed = (setting: Setting, service: ServiceConfig, directory: string): Setting => {
  const before = `${service.name}.env.`;
  if (setting.from !== 'default' || !setting.key.startsWith(before)) return setting;
  const name = setting.key.slice(before.length);
  return { ...setting, from: sourceOf(name, service.envFiles, directory) };
};

/** The last one wins. */
const sourceOf = (
  name: string,
  files: readonly EnvFile[] | undefined,
  directory: string,
): Setting['from'] => {
  const source = files?.findLast(({ names }) => names.includes(name));
  return source === undefined ? 'default' : `./${relative(directory, source.file)}`;
};

export const describeService = (service: ServiceConfig): Described => ({
  ...describeKind(service),
  workers: service.workers,
  weight: service.weight ?? 1,
  dependsOn: service.dependsOn,
  env: Object.fromEntries(Object.keys(service.env).map((name) => [name, hidden])),
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
