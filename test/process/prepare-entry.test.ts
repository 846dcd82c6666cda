import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { placeIn } from '../../src/sdk/worker/source-place.ts';
import { prepareEntry } from '../../src/supervisor/process/prepare-entry.ts';
import { temporaryFolder } from '../helpers/rpc.ts';

const sources = join(import.meta.dirname, '../fixtures/bundled');
const entryOf = (file: string) => ({ name: 'places', entry: join(sources, file) });

/** What an expression on an instance of the module's class is, in a Node of its own. */
const evaluate = async (file: string, expression: string): Promise<unknown> => {
  const program = `
    const { default: Service } = await import(${JSON.stringify(pathToFileURL(file).href)});
    const service = new Service();
    process.stdout.write(JSON.stringify(${expression}));`;
  const args = ['--enable-source-maps', '--input-type=module', '-e', program];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
};

test('a bundled service finds its files where its sources are', async () => {
  using folder = temporaryFolder();
  const entry = entryOf('places.ts');
  const file = await prepareEntry(entry, folder.path);

  expect(file).toBe(join(folder.path, 'build', 'places.mjs'));
  expect(await evaluate(file, '{ ...service, contract: Service.contract }')).toEqual({
    dirname: sources,
    filename: entry.entry,
    url: pathToFileURL(entry.entry).href,
    resolved: pathToFileURL(join(sources, 'lib/beside.txt')).href,
    builtin: 'node:fs',
    text: 'import.meta.url in a text stays',
    imported: {
      besides: 'found beside its module',
      nameHere: join(sources, 'lib/beside.ts'),
    },
    contract: { expose: ['where'] },
  });
});

test('an error in a bundled service names the line of its source', async () => {
  using folder = temporaryFolder();
  const file = await prepareEntry(entryOf('places.ts'), folder.path);
  const stack = '(() => { try { service.fail(); } catch (error) { return error.stack; } })()';
  expect(await evaluate(file, stack)).toContain('places.ts:20:11');
});

test('a place in a bundle is told as that in the source, as the watchdog tells who blocks', async () => {
  using folder = temporaryFolder();
  const file = await prepareEntry(entryOf('places.ts'), join(folder.path, '.forge'));
  const lines = readFileSync(file, 'utf8').split('\n');
  const line = lines.findIndex((each) => each.includes('throw new Error('));
  const column = lines[line]?.indexOf('throw ') ?? 0;

  expect(placeIn(file, { line, column })).toBe(`${join(sources, 'places.ts')}:20`);
  expect(placeIn(entryOf('places.ts').entry, { line, column: 0 })).toBe(
    `${join(sources, 'places.ts')}:${line + 1}`,
  );
});

test('a bundle without a map, or one too large for the watchdog, keeps its own lines', async () => {
  using folder = temporaryFolder();
  const build = join(folder.path, '.forge/build');
  mkdirSync(build, { recursive: true });
  const place = { line: 6, column: 0 };
  writeFileSync(join(build, 'bare.mjs'), 'export const one = 1;\n');
  writeFileSync(join(build, 'large.mjs'), '\n'.repeat(20_000_000));
  for (const name of ['bare.mjs', 'large.mjs', 'gone.mjs']) {
    expect(placeIn(join(build, name), place)).toBe(`${join(build, name)}:7`);
  }
});

test('a decorator of any name makes a bundle, also in JavaScript', async () => {
  using folder = temporaryFolder();
  const file = await prepareEntry(entryOf('cached.mjs'), folder.path);
  expect(await evaluate(file, 'service.answer()')).toBe(42);
});

test.each([
  [
    'a decorator in the middle of a line',
    { 'entry.ts': 'export default class { @Expose() where() {} }' },
  ],
  [
    'one in what it imports, and that imports',
    {
      'entry.ts': "import { Base } from './base.ts'; export default class extends Base {}",
      'base.ts': "export * from './core.ts'; import './entry.ts';",
      'core.ts': 'export class Base {\n  @Expose()\n  where() {}\n}',
    },
  ],
  ['an enum', { 'entry.ts': 'export const enum Size { small }' }],
  [
    'a field among parameters',
    { 'entry.ts': 'class A { constructor(\n private readonly a: B) {} }' },
  ],
])('what Node cannot run makes a bundle: %s', async (_where, files) => {
  using folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text);
  const entry = join(folder.path, 'entry.ts');
  const file = await prepareEntry({ name: 'places', entry }, folder.path);
  expect(file).toBe(join(folder.path, 'build', 'places.mjs'));
});

test('a service without decorators runs as it is', async () => {
  using folder = temporaryFolder();
  const entry = entryOf('plain.ts');
  expect(await prepareEntry(entry, folder.path)).toBe(entry.entry);
  const misled = join(folder.path, 'misled.mjs');
  writeFileSync(
    misled,
    "import './nowhere.mjs'; import '../..'; // {@link Misled}; ask@example.org",
  );
  expect(await prepareEntry({ name: 'misled', entry: misled }, folder.path)).toBe(misled);
});

test('a service that cannot be bundled is reported with file and line', async () => {
  using folder = temporaryFolder();
  const entry = join(folder.path, 'broken.ts');
  writeFileSync(entry, '@Named("where"\nexport default class Broken {}');
  await expect(prepareEntry({ name: 'places', entry }, folder.path)).rejects.toMatchObject({
    code: 'ENTRY_NOT_BUILT',
    message: expect.stringMatching(/The entry of places .*broken\.ts:2:0/s),
  });
});
