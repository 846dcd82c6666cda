import { basename } from 'node:path';
import { configCycle } from '../../../protocol/config-errors.ts';
import {
  hasEntry,
  isCommand,
  type RemoteService,
  type ServiceConfig,
} from '../../../protocol/topology.ts';
import { days, ms, seconds } from '../../../protocol/units.ts';
import { findCycle } from '../../topology/dependencies.ts';
import type { AppConfig, ReloadConfig, SupervisorConfig } from '../app-config.ts';
import { Place } from './config-place.ts';
import { nearest } from './nearest.ts';
import { parseAdvisor } from './parse-advisor.ts';
import { checkCalled } from './parse-calls.ts';
import { parseHttp } from './parse-http.ts';
import { parseLogs } from './parse-logs.ts';
import { checkGroups } from './parse-name.ts';
import { parseService, type Surroundings } from './parse-service.ts';

/** Turns what a config file exports into an `AppConfig`, or throws an error that says what to edit. */
export const parseConfig = (raw: unknown, around: Surroundings): AppConfig => {
  const root = new Place(around.file, '', raw);
  checkOutermost(root, root.object('Export defineServices({ … }) as default.'));
  root.keys(['services', 'app', 'http', 'supervisor', 'reload', 'advisor', 'logs']);
  const http = parseHttp(root.at('http'), around);
  const parsed = parseServices(root.at('services'), around);
  const services = parsed.filter(isLocal);
  const httpPort = root.at('http').at('port').whole(0, 65_535);
  checkNames(root.at('services'), parsed);
  checkGroups(root.at('services'), services);
  checkConnects(root.at('services'), services);
  checkCanaries(root.at('services'), services);
  checkEnvironments(root.at('services'), services);
  checkPorts(root, services);
  const called = services.filter(hasEntry).map(({ name }) => name);
  checkCalled(root.at('http').at('calls').at('services'), called);
  const cycle = findCycle(services);
  if (cycle !== undefined) throw configCycle(around.file, cycle);
  return {
    app: parseApp(root.at('app'), around.directory),
    directory: around.directory,
    file: around.file,
    ...(httpPort === undefined ? {} : { httpPort }),
    http,
    ...(around.env === undefined ? {} : { envFiles: around.env.app.files }),
    services,
    remotes: parsed.filter((service) => 'address' in service),
    supervisor: parseSupervisor(root.at('supervisor'), around),
    reload: parseReload(root.at('reload')),
    advisor: parseAdvisor(root.at('advisor')),
    logs: parseLogs(root.at('logs')),
    budget: around.budget,
  };
};

const parseSupervisor = (place: Place, { managed = false }: Surroundings): SupervisorConfig => {
  place.keys(['successor', 'orphanGrace']);
  return {
    successor: place.at('successor').flag() ?? !managed,
    orphanGraceMs: place.at('orphanGrace').duration(ms(0), days(7)) ?? seconds(60),
  };
};

const parseReload = (place: Place): ReloadConfig => {
  place.keys(['bake']);
  return { bakeMs: place.at('bake').duration(ms(0), days(7)) ?? seconds(30) };
};

/** Services that are exported as they are, where the settings of the app belong. */
const checkOutermost = (root: Place, fields: Readonly<Record<string, unknown>>): void => {
  if ('services' in fields) return;
  const [stray] = Object.entries(fields).filter(([, value]) => isServiceLike(value));
  if (stray === undefined) return;
  const [name] = stray;
  throw root
    .at(name)
    .invalid('is a service beside the settings of the app', `Write { services: { ${name}: … } }.`);
};

const isServiceLike = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  ['entry', 'command', 'address'].some((key) => key in value);

const parseApp = (place: Place, directory: string): string => {
  const app = place.text("Write a name, such as 'shop'.") ?? (basename(directory) || 'app');
  if (!/[/\0]/.test(app)) return app;
  throw place.invalid(`is ${JSON.stringify(app)}`, 'Use a name without slashes.');
};

const parseServices = (
  place: Place,
  around: Surroundings,
): readonly (ServiceConfig | RemoteService)[] => {
  const fix = "Write { users: { entry: './services/users.js' } }.";
  const names = Object.keys(place.object(fix));
  if (names.length === 0) throw place.invalid('is empty', fix);
  return names.map((name) => parseService(name, place.at(name), around));
};

const isLocal = (service: ServiceConfig | RemoteService): service is ServiceConfig =>
  !('address' in service);

const checkNames = (place: Place, services: readonly (ServiceConfig | RemoteService)[]): void => {
  const known = services.map(({ name }) => name);
  for (const service of services) {
    if (!isLocal(service)) continue;
    for (const list of ['connects', 'dependsOn'] as const) {
      const unknown = service[list].find((name) => !known.includes(name));
      if (unknown === undefined) continue;
      const near = nearest(unknown, known);
      throw place
        .at(service.name)
        .at(list)
        .invalid(
          `names ${unknown}, which is no service`,
          `${near === undefined ? '' : `Did you mean ${near}? `}Known are ${known.join(', ')}.`,
        );
    }
  }
};

/** A command speaks HTTP, not the calls between services. */
const checkConnects = (place: Place, services: readonly ServiceConfig[]): void => {
  const commands = services.filter(isCommand).map(({ name }) => name);
  for (const { name, connects } of services) {
    const called = connects.find((one) => commands.includes(one));
    if (called === undefined) continue;
    throw place
      .at(name)
      .at('connects')
      .invalid(`names ${called}, which is a command`, `Call ${called} over HTTP, at its port.`);
  }
};

/** Both answer the same calls: a service of ours beside a service of ours, one of them on trial. */
const checkCanaries = (place: Place, services: readonly ServiceConfig[]): void => {
  const entries = services.filter(hasEntry);
  for (const { name, canary } of services) {
    if (canary === undefined) continue;
    const others = entries.filter((each) => each.name !== name && each.canary === undefined);
    const isFine =
      entries.some((each) => each.name === name) &&
      others.some((each) => each.name === canary.service);
    if (isFine) continue;
    throw place
      .at(name)
      .at('routing')
      .at('canary')
      .invalid(
        `names ${canary.service}, which cannot answer for ${name}`,
        `Name another service with an entry, and without a canary: ${
          others.map((each) => each.name).join(', ') || 'there is none'
        }.`,
      );
  }
};

const checkPorts = (root: Place, services: readonly ServiceConfig[]): void => {
  const http = root.at('http');
  const admin = http.at('admin').at('port');
  const owners = new Map<unknown, string>([[http.at('port').value, 'http.port']]);
  if (!admin.isAbsent && admin.value !== 0 && owners.has(admin.value)) {
    throw admin.invalid('is that of http.port', 'Give each its own port.');
  }
  owners.set(admin.value, 'http.admin.port');
  for (const service of services) {
    const place = root.at('services').at(service.name).at('port');
    const owner = owners.get(service.port);
    if (service.port !== undefined && service.port !== 0 && owner !== undefined) {
      throw place.invalid(`is that of ${owner}`, 'Give each its own port.');
    }
    owners.set(service.port, place.key);
  }
};

/** Services of one group share a process and so its environment: two values cannot both hold. */
const checkEnvironments = (place: Place, services: readonly ServiceConfig[]): void => {
  const seen = new Map<string, { readonly service: string; readonly value: string }>();
  for (const { name, group, env } of services) {
    for (const [variable, value] of Object.entries(env)) {
      const other = seen.get(`${group} ${variable}`);
      seen.set(`${group} ${variable}`, { service: name, value });
      if (other === undefined || other.value === value) continue;
      throw place
        .at(name)
        .at(`env.${variable}`)
        .invalid(
          `differs from that of ${other.service}, which shares the workers of ${group}`,
          'Give both the same value, or put one of them into another group.',
        );
    }
  }
};
