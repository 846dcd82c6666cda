import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { consoleFile } from '../protocol/errors.ts';
import { toErrorData } from '../protocol/forge-error.ts';
import { type Colours, parseColour } from './colours.ts';
import { sections } from './keys.ts';
import type { Context, Place } from './state/state.ts';
import { builtIn, type ThemeName, themeNames } from './themes.ts';

/** What an operator has settled for every console of theirs. */
export type Preferences = {
  readonly theme?: ThemeName;
  readonly colours?: Partial<Colours>;
  /** Our name of a key → what it is called instead; an empty list takes it away. */
  readonly keys?: Readonly<Record<string, readonly string[]>>;
  readonly contexts?: readonly Context[];
};

type Env = Readonly<Record<string, string | undefined>>;

export const preferencesFile = (env: Env): string =>
  join(env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'forge', 'console.json');

/** Throws CONSOLE_FILE when there is a file that says what cannot be. */
export const readPreferences = (file: string): Preferences => {
  if (!existsSync(file)) return {};
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw consoleFile(file, 'it is no JSON', cause);
  }
  return parsePreferences(raw, file);
};

/** Tells what the file says whenever it is written, or what is wrong with it. */
export const watchPreferences = (
  file: string,
  onWritten: (preferences: Preferences) => void,
  onWrong: (problem: string) => void,
): Disposable => {
  const folder = dirname(file);
  // Its folder, since editors put another file in its place.
  const watcher = existsSync(folder) ? watch(folder, { persistent: false }) : undefined;
  let soon: NodeJS.Timeout | undefined;
  watcher?.on('change', (_kind, name) => {
    if (name !== basename(file)) return;
    clearTimeout(soon);
    // One writing is several events, the first of which may find it half written.
    soon = setTimeout(() => {
      try {
        onWritten(readPreferences(file));
      } catch (error) {
        onWrong(toErrorData(error).message);
      }
    }, settleMs);
  });
  watcher?.on('error', () => watcher.close());
  return {
    [Symbol.dispose]: () => {
      clearTimeout(soon);
      watcher?.close();
    },
  };
};

const settleMs = 50;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const known = ['theme', 'colours', 'keys', 'contexts'];

export const parsePreferences = (raw: unknown, file: string): Preferences => {
  const wrong = (problem: string): never => {
    throw consoleFile(file, problem);
  };
  if (!isFields(raw)) return wrong('it is no object');
  const unknown = Object.keys(raw).find((key) => !known.includes(key));
  if (unknown !== undefined) wrong(`there is no setting ${unknown}; there are ${known.join(', ')}`);
  const { theme, colours, keys, contexts } = raw;
  return {
    ...(theme === undefined ? {} : { theme: parseTheme(theme, wrong) }),
    ...(colours === undefined ? {} : { colours: parseColours(colours, wrong) }),
    ...(keys === undefined ? {} : { keys: parseKeys(keys, wrong) }),
    ...(contexts === undefined ? {} : { contexts: parseContexts(contexts, wrong) }),
  };
};

type Wrong = (problem: string) => never;

const parseTheme = (value: unknown, wrong: Wrong): ThemeName =>
  themeNames.find((name) => name === value) ??
  wrong(`there is no theme ${String(value)}; there are ${themeNames.join(', ')}`);

const parseColours = (value: unknown, wrong: Wrong): Partial<Colours> => {
  if (!isFields(value)) return wrong('colours is no object');
  for (const [tone, colour] of Object.entries(value)) {
    if (!(tone in builtIn.calm)) {
      wrong(`there is no colour ${tone}; there are ${Object.keys(builtIn.calm).join(', ')}`);
    }
    if (parseColour(String(colour)) === undefined) {
      wrong(`colours.${tone} is ${String(colour)}; write one such as #d9a441`);
    }
  }
  // Each has just been looked at.
  return value as Partial<Colours>;
};

const parseKeys = (value: unknown, wrong: Wrong): NonNullable<Preferences['keys']> => {
  if (!isFields(value)) return wrong('keys is no object');
  const all = new Set(sections.flatMap(({ keys }) => keys.flatMap((key) => key.keys)));
  const entries = Object.entries(value).map(([key, names]) => {
    if (!all.has(key)) wrong(`keys.${key}: there is no such key; docs/keys.md has them all`);
    if (!Array.isArray(names) || names.some((name) => typeof name !== 'string')) {
      return wrong(`keys.${key} is no list of keys; write one such as ["x"]`);
    }
    return [key, names.map(String)] as const;
  });
  const moved = Object.fromEntries(entries);
  for (const [key, names] of entries) {
    const taken = names.find(
      (name) =>
        (all.has(name) && moved[name] === undefined && name !== key) ||
        entries.some(([other, others]) => other !== key && others.includes(name)),
    );
    if (taken !== undefined) wrong(`keys.${key}: ${taken} does something else already`);
  }
  return moved;
};

const parseContexts = (value: unknown, wrong: Wrong): readonly Context[] => {
  if (!isFields(value)) return wrong('contexts is no object');
  return Object.entries(value).map(([name, place]) => ({
    name,
    place: placeOf(place, name, wrong),
  }));
};

const placeOf = (value: unknown, name: string, wrong: Wrong): Place => {
  if (typeof value === 'string') return { socketPath: value };
  const { host, app } = isFields(value) ? value : {};
  if (typeof host === 'string' && typeof app === 'string') return { host, app };
  if (typeof host === 'string' && app === undefined) return { host };
  return wrong(
    `contexts.${name} is neither a path of a control socket nor such as { "host": "user@machine", "app": "/srv/shop" }`,
  );
};

/** Apps that run here: each has its folder beside the others'. */
export const runningApps = (env: Env, socketPath: string): readonly Context[] => {
  const folder = join(env['XDG_RUNTIME_DIR'] ?? '', 'forge');
  const names =
    env['XDG_RUNTIME_DIR'] !== undefined && existsSync(folder) ? readdirSync(folder) : [];
  const others = names
    .map((name) => ({ name, socketPath: join(folder, name, 'control.sock') }))
    .filter((each) => existsSync(each.socketPath) && each.socketPath !== socketPath);
  return [{ name: basename(dirname(socketPath)), socketPath }, ...others].map(
    ({ name, ...place }) => ({ name, place }),
  );
};
