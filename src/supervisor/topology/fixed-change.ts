import { isDeepStrictEqual } from 'node:util';
import type { AppConfig } from './app-config.ts';
import { httpKeys } from './parse-http.ts';

/** What a running app cannot change: its name, and the ports that it was started with. */
export const fixedChange = (from: AppConfig, to: AppConfig): string | undefined => {
  if (to.app !== from.app) return 'app';
  if (to.httpPort !== from.httpPort) return 'http.port';
  const setting = httpKeys.find((key) => !isDeepStrictEqual(from.http[key], to.http[key]));
  if (setting !== undefined) return `http.${setting}`;
  const before = portsOf(from);
  const after = portsOf(to);
  const names = [...before.keys(), ...after.keys()];
  const changed = names.find((name) => before.get(name) !== after.get(name));
  return changed === undefined ? undefined : `services.${changed}.port`;
};

const portsOf = ({ services }: AppConfig): ReadonlyMap<string, unknown> =>
  new Map(services.map(({ name, port }) => [name, port]));
