import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { keepAsking } from '../helpers/asking.ts';
import { exitOf, forge, launch, makeRunDir, type RunningApp, startApp } from '../helpers/forge.ts';
import { freePort } from '../helpers/free-port.ts';
import { nextSupervisor, pidsOf, statusOf } from '../helpers/status.ts';
import { writeApp } from '../helpers/written-app.ts';

const fixtures = resolve(import.meta.dirname, '../fixtures/apps/commands');

type ServerOptions = {
  readonly file?: string;
  readonly http?: number;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** An existing server in a folder where nothing else is. */
const startServer = async ({
  file = 'existing-server.mjs',
  http,
  args = [],
  env = {},
}: ServerOptions): Promise<RunningApp> => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-server-'));
  const server = join(directory, 'server.mjs');
  cpSync(join(fixtures, file), server);
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  const what = [server, ...(http === undefined ? [] : ['--http', String(http)]), '--', ...args];
  const app = await startApp(directory, { env, what }).catch((error: unknown) => {
    remove();
    throw error;
  });
  return {
    ...app,
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      remove();
    },
  };
};

test('an existing server runs without a config, at the port that it asks for', async () => {
  const port = await freePort();
  await using app = await startServer({ env: { ASKS_FOR: String(port) } });

  expect(app.ready).toMatch(new RegExp(`^ready \\S+ 1 services server http://127.0.0.1:${port}$`));
  expect((await fetch(app.http)).status).toBe(200);
});

test('what stands after -- is for the server', async () => {
  const port = await freePort();
  await using app = await startServer({ args: [String(port)] });
  expect((await fetch(`http://127.0.0.1:${port}`)).status).toBe(200);
  expect(app.http).toBe(`http://127.0.0.1:${port}`);
});

test('the commands for an app work on it: status, scale, reload, top and stop', async () => {
  await using app = await startServer({ http: 0 });
  const { services } = await statusOf(app);
  expect(services).toMatchObject([{ name: 'server', status: 'ready', workers: [{}] }]);
  const asking = keepAsking(app.http);

  expect((await app.forge('routes')).stderr).toBe('no service has a route\n');
  expect((await app.forge('scale', 'server', '3')).code).toBe(0);
  const before = pidsOf(await statusOf(app));
  expect((await app.forge('restart', 'server')).code).toBe(0);
  const after = pidsOf(await statusOf(app));
  expect((await app.forge('scale', 'server', '1')).code).toBe(0);

  await asking.reach(10);
  expect((await asking.stop()).failures).toEqual([]);
  expect(before).toHaveLength(3);
  expect(after.filter((pid) => before.includes(pid))).toEqual([]);
  expect((await app.forge('top', '--once')).stdout).toContain('server');
  const config = await app.forge('config');
  expect([config.code, config.stderr]).toEqual([2, expect.stringContaining('without a config')]);
  expect((await app.forge('stop')).code).toBe(0);
  await app.gone();
  expect(readdirSync(app.env['FORGE_RUN_DIR'] ?? '')).toEqual([]);
});

test('a killed supervisor comes back, keeps every instance, and no request fails', async () => {
  await using app = await startServer({ http: 0 });
  await app.forge('scale', 'server', '3');
  const before = await statusOf(app);
  const asking = keepAsking(app.http);

  process.kill(before.supervisor.pid, 'SIGKILL');
  const after = await nextSupervisor(app, before.supervisor.pid);

  expect((await asking.stop()).failures).toEqual([]);
  expect(pidsOf(after)).toEqual(pidsOf(before));
  expect(after.services.map(({ status }) => status)).toEqual(['ready']);
});

test.each([
  ['does not exist', './no-server.mjs', 'Correct the path.'],
  ['does not exist', 'no-server.mjs', 'the name of the service'],
  ['is a folder', fixtures, 'forge start --app'],
  ['is no JavaScript or TypeScript file', join(fixtures, 'reads-port.py'), 'forge.config'],
])('a server file that %s is refused', async (problem, file, fix) => {
  const { code, stderr } = await forge(['start', '--headless', file]);
  expect(code).toBe(2);
  expect(stderr).toContain(problem);
  expect(stderr).toContain(fix);
});

test('a service with a dot in its name is started again by its name', async () => {
  const services = { 'my.svc': { entry: './services/quiet.mjs' } };
  using files = writeApp({ 'forge.config.json': JSON.stringify({ services }) });
  await using app = await startApp(files.directory);
  expect((await app.forge('stop', 'my.svc')).code).toBe(0);
  expect((await app.forge('start', 'my.svc')).code).toBe(0);
  expect((await statusOf(app)).services.map(({ status }) => status)).toEqual(['ready']);
});

test('a server that listens on any free port is told at once that nobody finds it there', async () => {
  using run = makeRunDir();
  const server = join(run.directory, 'server.mjs');
  cpSync(join(fixtures, 'existing-server.mjs'), server);
  const child = launch(['start', server, '--', '0'], run);
  const exited = exitOf(child);
  const told = Promise.withResolvers<void>();
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
    if (said.includes('listens on any free port')) told.resolve();
  });
  await Promise.race([told.promise, exited]);
  const { stdout } = await forge(['status', '--app', run.directory], run);
  child.kill('SIGTERM');
  await exited;
  expect(said).toContain('--http PORT');
  // It does listen, where nobody looks: what is said of it must be true of that too.
  expect(stdout).toContain('no HTTP server in it has listened on a fixed port');
});

test('what a server said stays there when its start has failed, and there is nothing to stop', async () => {
  using run = makeRunDir();
  const server = join(run.directory, 'server.mjs');
  cpSync(join(fixtures, 'exits-at-once.mjs'), server);
  expect((await forge(['start', '--daemon', server], run)).code).toBe(3);
  expect((await forge(['logs', 'server', '--app', run.directory], run)).stdout).toContain(
    'no licence',
  );

  const { code, stderr } = await forge(['stop', '--app', run.directory], run);
  expect([code, stderr]).toEqual([4, expect.stringContaining('No supervisor answers')]);
});

test('a server that ends at once is not started, and its error is shown', async () => {
  await expect(startServer({ file: 'exits-at-once.mjs' })).rejects.toThrow(
    /\(3\).*server#1 did not become ready: exit code 3: no licence/,
  );
});

test('a server whose port is taken is not started', async () => {
  await using other = await startServer({ http: 0 });
  const { port } = new URL(other.http);
  await expect(startServer({ env: { ASKS_FOR: port } })).rejects.toThrow(
    new RegExp(`Port ${port} \\(that of server\\) is taken by`),
  );
});
