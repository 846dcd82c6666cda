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

/** What a running app cannot change: its name, its ports, and what those were opened with. */
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

/** Whether a setting, by its place below its service or the app, is one of those. */
export const isFixed = (key: string, service?: string): boolean =>
  service === undefined
    ? fixedOfApp.some((fixed) => key === fixed || key.startsWith(`${fixed}.`))
    : key === 'port';

const fixedKey = (from: AppConfig, to: AppConfig): string | undefined => {
  if (to.app !== from.app) return 'app';
  if (to.httpPort !== from.httpPort) return 'http.port';
  const setting = fixedHttp.find((key) => !isDeepStrictEqual(from.http[key], to.http[key]));
  if (setting !== undefined) return `http.${setting}`;
  return to.http.limits.head === from.http.limits.head ? undefined : 'http.limits.head';
};

/**
 * All workers hold the ports of the app, so that whichever is left can hand them to the next
 * supervisor: one more would be missing in those that run, and one less goes on listening in them.
 */
const portChange = (
  from: readonly ServiceConfig[],
  to: readonly ServiceConfig[],
): FixedChange | undefined => {
  const before = new Map(from.map((service) => [service.name, service]));
  const after = new Map(to.map((service) => [service.name, service]));
  for (const [name, service] of after) {
    const was = before.get(name);
    if (was === undefined && service.port !== undefined) return addedPort(service);
    if (was !== undefined && was.port !== service.port) {
      return {
        problem: `changes services.${name}.port, which a reload cannot`,
        remedy: startAgain,
      };
    }
  }
  const gone = from.find(({ name, port }) => port !== undefined && !after.has(name));
  return gone === undefined ? undefined : removedPort(gone);
};

const addedPort = (service: ServiceConfig): FixedChange => ({
  problem: `adds ${service.name} with a port, and ports are opened only when the app starts`,
  remedy: isCommand(service)
    ? `${startAgain} ${others}`
    : `Leave out services.${service.name}.port, as http.port serves its routes too; or stop the app and start it again. ${others}`,
});

const removedPort = ({ name }: ServiceConfig): FixedChange => ({
  problem: `removes ${name}, which has a port, and ports are closed only when the app stops`,
  remedy: `Stop it with \`forge stop ${name}\`, or stop the app and start it again without it. ${others}`,
});
