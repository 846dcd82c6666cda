import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const source = join(root, 'src');

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.[cm]?tsx?$/.test(file))
  .toSorted();

/** Folder → folders of src it may import from; the longest matching folder counts. */
const directions: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  advisor: ['protocol'],
  simulator: ['protocol', 'advisor'],
  sdk: ['protocol'],
  supervisor: ['protocol', 'advisor', 'sdk/channel'],
  'supervisor/ingress': ['protocol', 'sdk/front', 'sdk/rpc', 'sdk/channel'],
  tui: ['protocol', 'sdk/control'],
  cli: ['protocol', 'advisor', 'simulator', 'sdk', 'supervisor', 'tui'],
};

/** Package → the folders it enters by: one, but for a worker that starts the next supervisor. */
const doors: Readonly<Record<string, string | readonly string[]>> = {
  commander: 'cli',
  ink: 'tui',
  react: 'tui',
  blessed: 'tui/charts',
  'blessed-contrib': 'tui/charts',
  execa: ['supervisor/process', 'cli'],
  'node:child_process': ['supervisor', 'sdk/channel'],
  'prom-client': 'supervisor/metrics',
  systeminformation: 'supervisor/metrics',
  valibot: 'protocol',
  '@fastify/accept-negotiator': 'sdk/front/answer',
  '@fastify/send': 'supervisor/ingress/mounts',
  'secure-json-parse': 'sdk/front',
  jose: 'sdk/front/auth',
  '@opentelemetry/api': 'sdk/interceptors',
  '@standard-schema/spec': 'sdk',
};

const importPattern = /(?:from\s+|import\s*\(\s*|import\s+)['"]([^'"]+)['"]/g;

const importsOf = (file: string): readonly string[] =>
  [...readFileSync(join(source, file), 'utf8').matchAll(importPattern)].map(
    ([, name]) => name ?? '',
  );

const homeOf = (file: string): string =>
  Object.keys(directions)
    .filter((folder) => file.startsWith(`${folder}/`))
    .toSorted((a, b) => b.length - a.length)[0] ?? '';

const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}/`);

/** Names each import that goes the wrong way; separate, so that a planted one can be tried. */
const wrongImports = (file: string, imports: readonly string[]): readonly string[] =>
  imports.flatMap((name) =>
    name.startsWith('.') ? wrongDirection(file, name) : wrongDoor(file, name),
  );

/** `prom-client/lib/gauge.js` is a part of prom-client. */
const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

const wrongDoor = (file: string, name: string): readonly string[] => {
  const door = doors[packageOf(name)];
  if (door === undefined || [door].flat().some((folder) => isInside(file, folder))) return [];
  return [`${file}: ${name} enters by ${[door].flat().join(' or ')}`];
};

const wrongDirection = (file: string, name: string): readonly string[] => {
  const home = homeOf(file);
  const target = normalize(join(dirname(file), name));
  const allowed = [home, ...(directions[home] ?? [])].some((folder) => isInside(target, folder));
  return allowed ? [] : [`${file}: ${target}`];
};

describe('the house', () => {
  test('every import goes in a permitted direction and every package by its door', () => {
    expect(files.length).toBeGreaterThan(10);
    expect(files.flatMap((file) => wrongImports(file, importsOf(file)))).toEqual([]);
  });

  test('an import against the directions is caught', () => {
    expect(wrongImports('tui/app.tsx', ['../supervisor/engine.ts', 'execa'])).toEqual([
      'tui/app.tsx: supervisor/engine.ts',
      'tui/app.tsx: execa enters by supervisor/process or cli',
    ]);
    expect(wrongImports('advisor/rules/a.ts', ['../../sdk/index.ts'])).toHaveLength(1);
  });

  test('no folder has a name that says nothing', () => {
    const folders = new Set(files.flatMap((file) => dirname(file).split('/')));
    const empty = ['common', 'shared', 'utils', 'helpers', 'lib', 'core'];
    expect(empty.filter((name) => folders.has(name))).toEqual([]);
  });

  test('no file of the source is over 300 lines', () => {
    const long = files.filter(
      (file) => readFileSync(join(source, file), 'utf8').split('\n').length > 301,
    );
    expect(long).toEqual([]);
  });

  test('the source names no path of a machine', () => {
    const places = /\/(home|root|work|Users)\//;
    const naming = files.filter((file) => places.test(readFileSync(join(source, file), 'utf8')));
    expect(naming.map((file) => relative(root, file))).toEqual([]);
  });
});
