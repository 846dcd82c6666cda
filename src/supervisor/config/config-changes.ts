import { isDeepStrictEqual } from 'node:util';
import type { ConfigChange } from '../../protocol/config-change.ts';
import { hasEntry, type ServiceConfig } from '../../protocol/topology.ts';
import type { AppConfig } from './app-config.ts';
import { describeApp, describeService, leaves } from './describe-config.ts';
import { isFixed } from './fixed-change.ts';

/** A service that runs, and how its workers were started, which may be under an earlier config. */
type Running = {
  readonly config: ServiceConfig;
  readonly startedWith: readonly ServiceConfig[];
};

type Settings = Readonly<Record<string, unknown>>;

/** These hold for all workers of a service at once; the others each has from its start on. */
const ofTheLayout = ['group', 'workers', 'weight', 'dependsOn', 'routing', 'port'];

const needsStart = { needsStart: true } as const;

/** All that the file says otherwise than what runs, and what of it no reload takes up. */
export const configChanges = (
  { runs, services }: { readonly runs: AppConfig; readonly services: readonly Running[] },
  file: AppConfig,
): readonly ConfigChange[] => {
  const before = namesOf(runs);
  const after = namesOf(file);
  const added = after.filter((name) => !before.includes(name));
  const removed = before.filter((name) => !after.includes(name));
  return [
    ...added.map((service) => ({ change: 'added', service }) as const),
    ...removed.map((service) => ({ change: 'removed', service }) as const),
    ...services.flatMap((running) => {
      const next = file.services.find(({ name }) => name === running.config.name);
      return next === undefined ? [] : serviceChanges(running, next);
    }),
    ...remoteChanges(runs, file),
    ...changesBetween(describeApp(runs), describeApp(file)),
  ];
};

const namesOf = ({ services, remotes }: AppConfig): readonly string[] =>
  [...services, ...remotes].map(({ name }) => name);

const remoteChanges = (runs: AppConfig, file: AppConfig): readonly ConfigChange[] =>
  file.remotes.flatMap(({ name, address }) => {
    const now = runs.remotes.find((remote) => remote.name === name);
    return now === undefined ? [] : changesBetween({ address: now.address }, { address }, name);
  });

const serviceChanges = ({ config, startedWith }: Running, next: ServiceConfig) => {
  const layout = Object.entries(settingsOf(config)).filter(([key]) => ofTheLayout.includes(key));
  const generations = startedWith.length === 0 ? [config] : startedWith;
  const found = generations.flatMap((one) => {
    const own = Object.entries(settingsOf(one)).filter(([key]) => !ofTheLayout.includes(key));
    const runs = Object.fromEntries([...layout, ...own]);
    return changesBetween(runs, settingsOf(next), config.name);
  });
  return [...new Map(found.map((change) => [JSON.stringify(change), change])).values()];
};

const settingsOf = (service: ServiceConfig): Settings => {
  const { strategy, canary, appEnv, env: own } = service;
  const env = { ...appEnv, ...own };
  const { calls, interceptors } = hasEntry(service) ? service : {};
  return { ...describeService(service), env, routing: { strategy, canary }, calls, interceptors };
};

const changesBetween = (
  from: Settings,
  to: Settings,
  service?: string,
): readonly ConfigChange[] => {
  const before = valuesOf(from);
  const after = valuesOf(to);
  const where = service === undefined ? {} : { service };
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => !isDeepStrictEqual(before.get(key), after.get(key)))
    .map((key) => ({
      change: 'changed',
      ...where,
      key,
      ...shown('from', key, before.get(key)),
      ...shown('to', key, after.get(key)),
      ...(service === undefined && isFixed(key) ? needsStart : {}),
    }));
};

const valuesOf = (settings: Settings): ReadonlyMap<string, unknown> =>
  new Map(leaves(settings).map(([path, value]) => [path.join('.'), value]));

/** Environments hold secrets: that one has changed is all that is told. */
const shown = (side: 'from' | 'to', key: string, value: unknown): Settings => {
  if (value === undefined) return {};
  return { [side]: key.startsWith('env.') ? '(hidden)' : value };
};
