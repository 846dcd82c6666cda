import { isDeepStrictEqual } from 'node:util';
import { isCommand, type ServiceConfig } from '../../protocol/topology.ts';
import type { AppConfig } from './app-config.ts';
import type { httpKeys } from './parse/parse-http.ts';

/** What is asked for, as the rest of a sentence about the config file, and how one gets it. */
type FixedChange = { readonly problem: string; readonly remedy: string };

/** What a port that is open has been made with; the others hold from one request to the next. */
const fixedHttp = ['tls', 'http2', 'admin'] as const satisfies readonly (typeof httpKeys)[number][];

const startAgain = 'Stop the app and start it again.';
const others = 'Other changes are taken up with `forge reload NAME`.';

/** What a running app cannot change: its name, the ports of its ingress, and what those were opened with. */
export const fixedChange = (from: AppConfig, to: AppConfig): FixedChange | undefined => {
  const key = fixedKey(from, to);
  if (key === undefined) return portChange(from.services, to.services);
  return { problem: `changes ${key}, which a reload cannot`, remedy: startAgain };
};

const fixedOfApp = [
  'app',
  'http.port',
  'http.limits.head',
  ...fixedHttp.map((key) => `http.${key}`),
] as const;

/** Whether a setting of the app is one of those. */
export const isFixed = (key: string): boolean =>
  fixedOfApp.some((fixed) => key === fixed || key.startsWith(`${fixed}.`));

const fixedKey = (from: AppConfig, to: AppConfig): string | undefined => {
  if (to.app !== from.app) return 'app';
  if (to.httpPort !== from.httpPort) return 'http.port';
  const setting = fixedHttp.find((key) => !isDeepStrictEqual(from.http[key], to.http[key]));
  if (setting !== undefined) return `http.${setting}`;
  return to.http.limits.head === from.http.limits.head ? undefined : 'http.limits.head';
};

/** The ingress opens its ports when it starts; those of services are opened for new workers. */
const portChange = (
  from: readonly ServiceConfig[],
  to: readonly ServiceConfig[],
): FixedChange | undefined => {
  const before = new Map(from.map((service) => [service.name, service]));
  const after = new Map(to.map((service) => [service.name, service]));
  for (const [name, service] of after) {
    const was = before.get(name);
    if (!isSame(was, service)) {
      if (was === undefined) return addedPort(service);
      const problem = `changes services.${name}.port, which a reload cannot`;
      return { problem, remedy: startAgain };
    }
    const owner = from.find((one) => one.name !== name && hasPortOf(one, service));
    if (owner !== undefined) return passedPort(owner.name, name);
  }
  const gone = from.find((service) => hasFixedPort(service) && !after.has(service.name));
  return gone === undefined ? undefined : removedPort(gone);
};

/** That of a command is one of the ingress. */
export const hasFixedPort = (service: ServiceConfig | undefined): boolean =>
  service !== undefined && isCommand(service) && service.port !== undefined;

const isSame = (was: ServiceConfig | undefined, is: ServiceConfig): boolean =>
  !(hasFixedPort(was) || hasFixedPort(is)) ||
  (hasFixedPort(was) === hasFixedPort(is) && was?.port === is.port);

const hasPortOf = (one: ServiceConfig, { port }: ServiceConfig): boolean =>
  typeof port === 'number' && port !== 0 && one.port === port;

const addedPort = ({ name }: ServiceConfig): FixedChange => ({
  problem: `adds ${name} with a port, and those of commands are opened only when the app starts`,
  remedy: `${startAgain} ${others}`,
});

/** While the workers of both are replaced, clients would be answered by the one or the other. */
const passedPort = (owner: string, name: string): FixedChange => ({
  problem: `gives the port of ${owner} to ${name}`,
  remedy: `Take it from ${owner} first, with a reload; then give it to ${name} with the next.`,
});

const removedPort = ({ name }: ServiceConfig): FixedChange => ({
  problem: `removes ${name}, which has a port, and those of commands are closed only when the app stops`,
  remedy: `Stop it with \`forge stop ${name}\`, or stop the app and start it again without it. ${others}`,
});
