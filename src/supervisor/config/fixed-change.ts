import { isDeepStrictEqual } from 'node:util';
import type { AppConfig } from './app-config.ts';
import type { httpKeys } from './parse/parse-http.ts';

/** What a port that is open has been made with; the others hold from one request to the next. */
const fixedHttp = ['tls', 'http2', 'admin'] as const satisfies readonly (typeof httpKeys)[number][];

/** What a running app cannot change: its name, its ports, and what those were opened with. */
export const fixedChange = (from: AppConfig, to: AppConfig): string | undefined => {
  if (to.app !== from.app) return 'app';
  if (to.httpPort !== from.httpPort) return 'http.port';
  const setting = fixedHttp.find((key) => !isDeepStrictEqual(from.http[key], to.http[key]));
  if (setting !== undefined) return `http.${setting}`;
  if (to.http.limits.head !== from.http.limits.head) return 'http.limits.head';
  const before = portsOf(from);
  const after = portsOf(to);
  const names = [...before.keys(), ...after.keys()];
  const changed = names.find((name) => before.get(name) !== after.get(name));
  return changed === undefined ? undefined : `services.${changed}.port`;
};

const portsOf = ({ services }: AppConfig): ReadonlyMap<string, unknown> =>
  new Map(services.map(({ name, port }) => [name, port]));
