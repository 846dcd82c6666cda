import { isAbsolute, resolve } from 'node:path';
import type { Budget } from '../../../protocol/allocation.ts';
import { entryMissing } from '../../../protocol/config-errors.ts';
import { parseCallPolicy } from '../../../protocol/parse-call-policy.ts';
import {
  type CommandService,
  type EntryService,
  type RemoteService,
  type ServiceConfig,
  strategies,
  type Variables,
} from '../../../protocol/topology.ts';
import { type Bytes, days, hours, megabytes, ms, seconds } from '../../../protocol/units.ts';
import type { AppEnv } from '../env-files.ts';
import type { Place } from './config-place.ts';
import { commandKeys, parseCommand } from './parse-command.ts';
import { parseEnvironment } from './parse-env.ts';
import { checkServiceName, parseGroup } from './parse-name.ts';

/** What the parser must know of the machine; given, so that parsing stays pure. */
export type Surroundings = {
  readonly file: string;
  readonly directory: string;
  readonly budget: Budget;
  readonly exists: (path: string) => boolean;
  /** What the files beside the config say, and how others are read; a server alone has none. */
  readonly env?: { readonly app: AppEnv; readonly read: (file: string) => Variables };
  /** A service manager starts the supervisor again when it dies. */
  readonly managed?: boolean;
};

const serviceKeys = [
  'entry',
  'group',
  'workers',
  'weight',
  'connects',
  'dependsOn',
  'memory',
  'timeouts',
  'health',
  'routing',
  'env',
  'envFile',
  'calls',
  'interceptors',
  'type',
  'address',
  ...commandKeys,
];

/** What a command has beside its own keys; its processes are never shared. */
const keysBesideCommand = [
  'health',
  'workers',
  'weight',
  'dependsOn',
  'memory',
  'timeouts',
  'env',
  'envFile',
];

export const parseService = (
  name: string,
  place: Place,
  around: Surroundings,
): ServiceConfig | RemoteService => {
  checkServiceName(name, place);
  place.object("Write { entry: './file.js' }.");
  place.keys(serviceKeys);
  if (!place.at('type').isAbsent) return parseRemote(name, place);
  return place.at('command').isAbsent
    ? parseEntryService(name, place, around)
    : parseCommandService(name, place, around);
};

const parseRemote = (name: string, place: Place): RemoteService => {
  const type = place.at('type');
  if (type.value !== 'remote') {
    throw type.invalid(`is ${JSON.stringify(type.value)}`, "Leave it out, or write 'remote'.");
  }
  place.keys(['type', 'address']);
  const fix = "Write its address, such as 'http://billing.example:4000'.";
  const address = place.at('address').text(fix);
  if (address === undefined || !/^https?:$/.test(URL.parse(address)?.protocol ?? '')) {
    throw place.at('address').invalid(address === undefined ? 'is missing' : 'is no URL', fix);
  }
  return { name, address };
};

const parseEntryService = (name: string, place: Place, around: Surroundings): EntryService => {
  const ofCommands = commandKeys.filter((one) => one !== 'port');
  for (const key of ofCommands.filter((one) => !place.at(one).isAbsent)) {
    throw place.at(key).invalid('belongs to a command', "Add command: 'node server.js'.");
  }
  if (!place.at('address').isAbsent) {
    throw place.at('address').invalid('belongs to a remote service', "Add type: 'remote'.");
  }
  place.at('memory').keys(['limit']);
  place.at('timeouts').keys(['start', 'stop', 'request']);
  const memoryLimit = parseMemoryLimit(place.at('memory').at('limit'));
  const interceptors = parseModule(place.at('interceptors'), around);
  const port = place.at('port').whole(0, 65_535);
  return {
    ...parseBase(name, place, around),
    entry: parseEntry(name, place.at('entry'), around),
    ...(port === undefined ? {} : { port }),
    ...parseCalls(place.at('calls')),
    ...(interceptors === undefined ? {} : { interceptors }),
    health: parseHealth(place.at('health')),
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
  };
};

const parseCommandService = (name: string, place: Place, around: Surroundings): CommandService => {
  place.keys([...commandKeys, ...keysBesideCommand]);
  place.at('memory').keys(['limit']);
  place.at('timeouts').keys(['start', 'stop']);
  const memoryLimit = place.at('memory').at('limit').size();
  return {
    ...parseBase(name, place, around),
    ...parseCommand(place, around),
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
    health: usualHealth,
  };
};

const parseBase = (name: string, place: Place, around: Surroundings) => {
  const timeouts = place.at('timeouts');
  const weight = place.at('weight').number(0.1, 100);
  return {
    name,
    group: parseGroup(name, place.at('group')),
    workers: parseWorkers(place.at('workers'), around.budget.cores),
    ...(weight === undefined ? {} : { weight }),
    connects: place.at('connects').texts("Write a list of services, such as ['users']."),
    dependsOn: place.at('dependsOn').texts("Write a list of services, such as ['users']."),
    ...parseEnvironment(place, around),
    ...parseRouting(place.at('routing')),
    timeouts: {
      start: timeouts.at('start').duration(ms(100), days(1)) ?? seconds(30),
      stop: timeouts.at('stop').duration(ms(0), hours(1)) ?? seconds(10),
      request: timeouts.at('request').duration(ms(1), days(1)) ?? seconds(30),
    },
  };
};

const parseRouting = (place: Place): Pick<ServiceConfig, 'strategy' | 'canary'> => {
  place.keys(['strategy', 'canary']);
  return { ...parseStrategy(place.at('strategy')), ...parseCanary(place.at('canary')) };
};

const parseStrategy = (place: Place): Pick<ServiceConfig, 'strategy'> => {
  if (place.isAbsent) return {};
  const strategy = strategies.find((one) => one === place.value);
  if (strategy !== undefined) return strategy === 'p2c' ? {} : { strategy };
  throw place.invalid('is none', `Write one of: ${strategies.join(', ')}.`);
};

const parseCanary = (place: Place): Pick<ServiceConfig, 'canary'> => {
  if (place.isAbsent) return {};
  const fix = "Write { service: 'usersNext', percent: 5 }.";
  place.object(fix);
  place.keys(['service', 'percent']);
  const service = place.at('service').text(fix);
  const percent = place.at('percent').number(0, 100);
  if (service === undefined) throw place.at('service').invalid('is missing', fix);
  if (percent === undefined) throw place.at('percent').invalid('is missing', fix);
  return { canary: { service, percent } };
};

const usualHealth = { blockedAfter: seconds(1), replaceAfter: seconds(5) };

const parseHealth = (place: Place): ServiceConfig['health'] => {
  place.keys(Object.keys(usualHealth));
  const blocked = place.at('blockedAfter').duration(ms(10), hours(1));
  const replace = place.at('replaceAfter').duration(ms(10), hours(1));
  if (blocked !== undefined && replace !== undefined && blocked > replace) {
    throw place
      .at('blockedAfter')
      .invalid('is longer than health.replaceAfter', 'Lower it, or raise health.replaceAfter.');
  }
  // One that is given alone pulls the default of the other one along.
  return {
    blockedAfter: blocked ?? ms(Math.min(usualHealth.blockedAfter, replace ?? hours(1))),
    replaceAfter: replace ?? ms(Math.max(usualHealth.replaceAfter, blocked ?? 0)),
  };
};

/** A worker that does nothing takes most of this already. */
const leastMemory = megabytes(96);

const parseMemoryLimit = (place: Place): Bytes | undefined => {
  const limit = place.size();
  if (limit === undefined || limit >= leastMemory) return limit;
  throw place.invalid(
    `is ${JSON.stringify(place.value)}, which is too little for a Node process`,
    "Write '96MB' or more.",
  );
};

const parseEntry = (service: string, place: Place, around: Surroundings): string => {
  const fix = "Write the path of the service's module, such as './services/users.js'.";
  const entry = place.text(fix);
  if (entry === undefined) throw place.invalid('is missing', fix);
  const path = isAbsolute(entry) ? entry : resolve(around.directory, entry);
  if (!around.exists(path)) throw entryMissing({ file: around.file, service, entry });
  return path;
};

const parseModule = (place: Place, around: Surroundings): string | undefined => {
  const fix = "Write the path of a module, such as './interceptors.js'.";
  const file = place.text(fix);
  if (file === undefined) return undefined;
  const path = resolve(around.directory, file);
  if (!around.exists(path))
    throw place.invalid(`is ${JSON.stringify(file)}, which is not there`, fix);
  return path;
};

const parseCalls = (place: Place): Pick<EntryService, 'calls'> => {
  if (place.isAbsent) return {};
  const fix = "Write { getUser: { timeout: '2 s' } }; see docs/interceptors.md.";
  const calls = Object.fromEntries(
    Object.entries(place.object(fix)).map(([method, input]) => {
      const policy = parseCallPolicy(method, input);
      if (typeof policy === 'string') throw place.at(method).invalid(`has ${policy}`, fix);
      return [method, policy];
    }),
  );
  return { calls };
};

/** An unbounded service may still grow to twice the cores, or 8: beyond that it is a mistake. */
const parseWorkers = (place: Place, cores: number): ServiceConfig['workers'] => {
  const most = Math.max(8, 2 * Math.ceil(cores));
  if (place.isAbsent) return { min: 1, max: most, initial: 1 };
  if (place.value === 'auto') return { min: 1, max: most, initial: 'auto' };
  if (typeof place.value === 'number') {
    const initial = place.whole(1, 256) ?? 1;
    return { min: 1, max: Math.max(initial, most), initial };
  }
  if (typeof place.value !== 'object') {
    throw place.invalid(
      `is ${JSON.stringify(place.value)}`,
      "Write a number, 'auto' or { min: 1, max: 4 }.",
    );
  }
  place.keys(['min', 'max', 'initial']);
  const min = place.at('min').whole(1, 256) ?? 1;
  const max = place.at('max').whole(min, 256) ?? Math.max(min, most);
  const initial = place.at('initial');
  return {
    min,
    max,
    initial: initial.value === 'auto' ? 'auto' : (initial.whole(min, max) ?? min),
  };
};
