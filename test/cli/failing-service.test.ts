import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Status } from '../../src/protocol/metrics.ts';
import { type WrittenApp, writeApp } from '../helpers/written-app.ts';

const main = join(import.meta.dirname, '../../dist/cli/main.js');

const files = {
  'forge.config.json': JSON.stringify({
    services: {
      users: { entry: './services/users.mjs', group: 'main' },
      orders: { entry: './services/quiet.mjs', group: 'main' },
      search: { entry: './services/search.mjs' },
      mailer: { entry: './services/quiet.mjs' },
    },
  }),
  'services/users.mjs': `
import { Service } from 'threadforge';
export default class Users extends Service {
  async onStart() {
    console.log('users looks for its database');
    throw new Error('the database is away');
  }
}`,
  'services/search.mjs': `
console.error('search has no index');
throw new TypeError('index is not iterable');`,
};

/** `forge start` in the foreground, until it is ready. */
const startHere = async (app: WrittenApp, ...args: readonly string[]) => {
  const child = spawn(process.execPath, [main, 'start', ...args, '--app', app.directory], {
    env: { ...process.env, ...app.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ready = new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').once('data', resolve);
  });
  return {
    ready: await ready,
    /** Ends it, and gives all that it said. */
    stop: async (): Promise<string> => {
      child.kill('SIGTERM');
      await exited;
      return stderr;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
};

test('a service that cannot start shows why, and the rest runs', async () => {
  using app = writeApp(files);
  await using run = await startHere(app);
  expect(run.ready).toBe(`ready ${app.name} 2 services failed: users, search\n`);

  const { stdout } = await app.forge('status', '--json');
  const { services } = JSON.parse(stdout) as Status;
  expect(services.map(({ name, status, reason }) => ({ name, status, reason }))).toEqual([
    { name: 'users', status: 'failed', reason: 'the database is away' },
    { name: 'orders', status: 'ready' },
    {
      name: 'search',
      status: 'failed',
      reason: 'exit code 1: TypeError: index is not iterable (5 crashes in 60 s)',
    },
    { name: 'mailer', status: 'ready' },
  ]);
  const table = await app.forge('status');
  expect(table.stdout).toContain('failed');

  const stderr = await run.stop();
  expect(stderr).toContain('main#1 | users looks for its database\n');
  expect(stderr).toContain('main#1 | users.onStart failed: Error: the database is away\n');
  expect(stderr).toMatch(/main#1 \| {5}at Users\.onStart \(.*services\/users\.mjs:6:11\)\n/);
  expect(stderr).toContain('users: users failed in main#1: the database is away\n');
  expect(stderr).toContain('search#1 | search has no index\n');
  expect(stderr).toContain('search#1 | TypeError: index is not iterable\n');
  expect(app.remains()).toEqual([]);
});

test('a service is not given the name that another of its members has', async () => {
  const services = {
    emit: { entry: './services/quiet.mjs' },
    users: { entry: './services/quiet.mjs', connects: ['emit'] },
    find: { entry: './services/quiet.mjs', connects: ['users'] },
    orders: { entry: './orders.mjs', connects: ['find', 'users'] },
  };
  using app = writeApp({
    'forge.config.json': JSON.stringify({ services }),
    'orders.mjs':
      "import { Service } from 'threadforge'; export default class extends Service { users; find() {} }",
  });
  const { code, stdout, stderr } = await app.forge('start', '--daemon');
  await app.forge('stop');
  expect([code, stdout]).toEqual([0, `ready ${app.name} 2 services failed: users, orders\n`]);
  expect(stderr).toContain('users connects to emit, and has a this.emit of its own');
  expect(stderr).toContain('orders connects to find, and has a this.find of its own');
  await expect.poll(app.remains).toEqual([]);
});

test('a start in the background of which no service comes up is exit 3, and is mended by a restart', async () => {
  const config = JSON.stringify({ services: { search: { entry: './services/search.mjs' } } });
  using app = writeApp({ ...files, 'forge.config.json': config });
  const { code, stdout, stderr } = await app.forge('start', '--daemon');
  expect([code, stdout]).toEqual([3, `ready ${app.name} 0 services failed: search\n`]);
  const why = 'search has failed: exit code 1: TypeError: index is not iterable';
  expect(stderr).toContain(why);
  const waited = await app.forge('wait');
  expect([waited.code, waited.stdout]).toEqual([3, '']);
  expect(waited.stderr).toContain(why);

  writeFileSync(
    app.file('services/search.mjs'),
    "import { Service } from 'threadforge'; export default class extends Service {}",
  );
  expect((await app.forge('restart', 'search')).code).toBe(0);
  expect((await app.forge('wait')).code).toBe(0);
  await app.forge('stop');
  await expect.poll(app.remains).toEqual([]);
});

/** What npm writes unless it is told otherwise. */
const npmInit = '{ "type": "commonjs" }';

test.each([
  ['import in CommonJS', 'services/a.js', "import 'node:fs';", 'Write "type": "module" into'],
  ['require in a module', 'services/a.mjs', "require('node:fs');", 'Use `import` and `export`'],
  [
    'no extension',
    'services/a.mjs',
    "import './quiet';",
    'Correct the path: an import names its file',
  ],
  ['no such package', 'services/a.mjs', "import 'not-there';", 'Run `npm install` in the folder'],
  [
    'a type imported as a value',
    'services/a.mts',
    "import { Service, Interceptor } from 'threadforge';\nlet x: Interceptor;",
    'Correct the name; what is only a type is imported with',
  ],
])('a service that cannot be loaded tells the edit that mends it: %s', async (_, ...broken) => {
  const [file, text, remedy] = broken;
  const config = JSON.stringify({ services: { a: { entry: `./${file}` } } });
  using app = writeApp({ 'package.json': npmInit, [file]: text, 'forge.config.json': config });
  const stderr = await (await startHere(app, '--headless')).stop();
  expect(stderr).toContain(`a has failed: exit code 1: `);
  expect(stderr).toContain(`  → ${remedy}`);
});

test('a wrong contract is told without a stack of ours, and its mend is in the log', async () => {
  const text = `import { Service } from 'threadforge';
export default class A extends Service { static contract = { exposes: [] }; }`;
  const config = JSON.stringify({ services: { a: { entry: './a.mjs' } } });
  using app = writeApp({ 'a.mjs': text, 'forge.config.json': config });
  const stderr = await (await startHere(app, '--headless')).stop();
  expect(stderr).toContain('a has failed: exit code 1: The contract of a has the key exposes');
  const { stdout } = await app.forge('logs', 'a');
  expect(stdout).toContain('→ Correct `static contract` or the decorators of the class.');
  expect(stdout).not.toContain(' at ');
});
