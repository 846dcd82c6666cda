import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/supervisor/config/parse/parse-config.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/config.md'), 'utf8');

/** Key → what stands in the column of defaults. */
const documented = new Map(
  [...page.matchAll(/^\| `([\w.]+)` +\| .*? \| +(\S.*?) +\| /gm)].map(
    ([, key = '', value = '']) => [key, value],
  ),
);

type Tree = { readonly [key: string]: unknown };

const around = {
  file: 'forge.config.ts',
  directory: '/app',
  budget: { cores: 2 },
  exists: () => true,
};
const minimal: Tree = { app: 'shop', services: { NAME: { entry: './name.js' } } };

const withValue = (tree: unknown, [key, ...rest]: readonly string[], value: unknown): unknown =>
  key === undefined
    ? value
    : { ...(tree as Tree), [key]: withValue((tree as Tree | undefined)?.[key], rest, value) };

/** The keys that the parser knows at a place, by its own complaint about one that it does not. */
const knownAt = (path: readonly string[]): readonly string[] => {
  try {
    parseConfig(withValue(minimal, [...path, 'noSuchKey'], 1), around);
  } catch (error) {
    const { code, facts } = error as { readonly code?: string; readonly facts?: Tree };
    const isHere = facts?.['key'] === [...path, 'noSuchKey'].join('.');
    if (code === 'CONFIG_UNKNOWN_KEY' && isHere) return facts?.['known'] as readonly string[];
  }
  return [];
};

const keysBelow = (path: readonly string[]): readonly string[] =>
  knownAt(path).flatMap((key) => [[...path, key].join('.'), ...keysBelow([...path, key])]);

test('the page of the config has every key that the parser knows, and no other', () => {
  const known = [...keysBelow([]), ...keysBelow(['services', 'NAME'])];
  // A key that only holds others has no row of its own.
  const rows = known.filter(
    (key) => documented.has(key) || !known.some((other) => other.startsWith(`${key}.`)),
  );
  expect(known.length).toBeGreaterThan(40);
  expect([...documented.keys()].toSorted()).toEqual(rows.toSorted());
});

test('a config with every default of the page written out is the one without', () => {
  const values = [...documented].filter(([, value]) => value.startsWith('`'));
  const written = values.reduce<unknown>((config, [key, value]) => {
    const literal = value.slice(1, -1).replaceAll("'", '"');
    return withValue(config, key.split('.'), JSON.parse(literal));
  }, minimal);
  expect(values.length).toBeGreaterThan(20);
  expect(parseConfig(withoutWorkers(written), around)).toEqual(parseConfig(minimal, around));
});

/** `workers` and its bounds cannot be written side by side; the bounds are a value of it. */
const withoutWorkers = (config: unknown): unknown =>
  withValue(config, ['services', 'NAME', 'workers'], 1);
