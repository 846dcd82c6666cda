import { isDeepStrictEqual } from 'node:util';
import { isCommand, type ServiceConfig } from '../../protocol/topology.ts';
import type { AppConfig } from './app-config.ts';
import type { httpKeys } from './parse/parse-http.ts';

/** What is asked for, as the rest of a sentence about the config file, and how one gets it. */
type FixedChange = { readonly problem: string; readonly remedy: string };

/** What a port that is open has been made with; the others hold from one request to the next. */
const fixedHttp = ['tls', 'http2', 'admin'] as const satisfies readonly (typeof httpKeys)[number][];

/** What a running app cannot change: its name, and what the ports of its ingress were opened with. */
export const fixedChange = (from: AppConfig, to: AppConfig): FixedChange | undefined => {
  const key = fixedKey(from, to);
  if (key === undefined) return passedPort(from, to);
  return {
    problem: `changes ${key}, which a reload cannot`,
    remedy: 'Stop the app and start it again.',
  };
};

const fixedOfApp = ['app', 'http.limits.head', ...fixedHttp.map((key) => `http.${key}`)] as const;

/** Whether a setting of the app is one of those. */
export const isFixed = (key: string): boolean =>
  fixedOfApp.some((fixed) => key === fixed || key.startsWith(`${fixed}.`));

const fixedKey = (from: AppConfig, to: AppConfig): string | undefined => {
  if (to.app !== from.app) return 'app';
  const setting = fixedHttp.find((key) => !isDeepStrictEqual(from.http[key], to.http[key]));
  if (setting !== undefined) return `http.${setting}`;
  return to.http.limits.head === from.http.limits.head ? undefined : 'http.limits.head';
};

/** While those who accept are replaced, clients would be answered by the one or the other. */
const passedPort = (from: AppConfig, to: AppConfig): FixedChange | undefined => {
  const before = ownersIn(from);
  for (const [port, name] of ownersIn(to)) {
    const owner = before.get(port);
    if (owner === undefined || owner === name) continue;
    return {
      problem: `gives the port of ${owner} to ${name}`,
      remedy: `Take it from ${owner} first, with a reload; then give it to ${name} with the next.`,
    };
  }
  return becomesAnother(from.services, to.services);
};

const ownersIn = ({ httpPort, services }: AppConfig): ReadonlyMap<unknown, string> => {
  const ports = services.map(({ name, port }) => [port, name] as const);
  const owners = [[httpPort, 'the ingress'] as const, ...ports];
  return new Map(owners.filter(([port]) => typeof port === 'number' && port !== 0));
};

/** The port of a command is one of the ingress, that of an entry one of its workers. */
const becomesAnother = (
  from: readonly ServiceConfig[],
  to: readonly ServiceConfig[],
): FixedChange | undefined => {
  const changed = to.find((service) => {
    const was = from.find(({ name }) => name === service.name);
    const isPassed = was?.port !== undefined && service.port !== undefined;
    return isPassed && isCommand(was) !== isCommand(service);
  });
  if (changed === undefined) return undefined;
  const { name } = changed;
  const [was, is] = isCommand(changed) ? ['an entry', 'a command'] : ['a command', 'an entry'];
  return {
    problem: `makes ${is} of ${name}, which was ${was}, and both have a port`,
    remedy: `Leave services.${name}.port out with the first reload, and write it with the next.`,
  };
};
