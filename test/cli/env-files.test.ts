import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type RunningApp, startApp } from '../helpers/forge.ts';
import { nextSupervisor, pidsOf, statusOf, statusWhen } from '../helpers/status.ts';
import { type WrittenApp, writeApp } from '../helpers/written-app.ts';

const entry = './services/quiet.mjs';

const writeShop = (files: Readonly<Record<string, string>>, users: object = {}): WrittenApp =>
  writeApp({
    'forge.config.json': JSON.stringify({
      app: 'shop',
      reload: { bake: 0 },
      services: { users: { entry, ...users }, sleeper: { command: 'sleep 600' } },
    }),
    ...files,
  });

const variablesOf = async (
  app: Pick<RunningApp, 'env'>,
  name: string,
): Promise<Readonly<Record<string, string>>> => {
  const { services } = await statusOf(app);
  const { workers = [] } = services.find((one) => one.name === name) ?? {};
  // One from before may still drain.
  const pid = workers.find(({ status }) => status === 'ready')?.pid;
  const lines = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
};

test('a variable is that of the config, else of the shell, else of the files beside the config', async () => {
  const all = (value: string, names: string): string =>
    [...names].map((name) => `V_${name}=${value}\n`).join('');
  using files = writeShop(
    {
      '.env': all('env', 'ABCDE'),
      '.env.local': all('local', 'ABCD'),
      'users.env': all('file', 'AB'),
    },
    { envFile: './users.env', env: { V_A: 'config' } },
  );
  await using app = await startApp(files.directory, { env: { V_B: 'shell', V_C: 'shell' } });

  const own = await variablesOf(app, 'users');
  expect([...'ABCDE'].map((name) => own[`V_${name}`])).toEqual([
    'config',
    'file',
    'shell',
    'local',
    'env',
  ]);
  const command = await variablesOf(app, 'sleeper');
  expect([...'ABCDE'].map((name) => command[`V_${name}`])).toEqual([
    'local',
    'shell',
    'shell',
    'local',
    'env',
  ]);

  const shown = await app.forge('config', '--resolved', '--json');
  expect(shown.stdout).not.toMatch(/: "(?:env|local|file|shell)"/);
  const { settings } = JSON.parse(shown.stdout) as {
    settings: readonly { readonly key: string; readonly value: unknown; readonly from: string }[];
  };
  const variables = settings.filter(({ key }) => key.includes('env.'));
  expect(variables.every(({ value }) => value === '(hidden)')).toBe(true);
  expect(Object.fromEntries(variables.map(({ key, from }) => [key, from]))).toEqual({
    'users.env.V_A': 'config',
    'users.env.V_B': './users.env',
    'env.V_A': './.env.local',
    'env.V_B': 'environment',
    'env.V_C': 'environment',
    'env.V_D': './.env.local',
    'env.V_E': './.env',
  });
});

test.each(['reload', 'restart'])('a %s takes up what the files say now', async (command) => {
  using files = writeShop({ '.env': 'OLD=1\nTOKEN=first\n' });
  await using app = await startApp(files.directory);
  expect(await variablesOf(app, 'users')).toMatchObject({ OLD: '1', TOKEN: 'first' });

  writeFileSync(files.file('.env'), 'TOKEN=second\n');
  const { stdout } = await app.forge('config', 'diff');
  expect(stdout).toContain('not taken up: users.env.TOKEN  (hidden) → (hidden)');
  expect(await app.forge(command, 'users')).toMatchObject({ code: 0 });
  expect(await variablesOf(app, 'users')).toMatchObject({ TOKEN: 'second' });
  expect(await variablesOf(app, 'users')).not.toHaveProperty('OLD');
  expect(await variablesOf(app, 'sleeper')).toMatchObject({ OLD: '1', TOKEN: 'first' });

  rmSync(files.file('.env'));
  expect(await app.forge(command)).toMatchObject({ code: 0 });
  for (const name of ['users', 'sleeper']) {
    expect(await variablesOf(app, name)).not.toHaveProperty('TOKEN');
  }
});

test('a worker that the next supervisor starts has the variables that were taken up last', async () => {
  using files = writeShop({ '.env': 'TOKEN=first\n' });
  await using app = await startApp(files.directory);
  writeFileSync(files.file('.env'), 'TOKEN=second\n');
  expect(await app.forge('reload')).toMatchObject({ code: 0 });
  writeFileSync(files.file('.env'), 'TOKEN=third\n');

  process.kill(app.pid, 'SIGKILL');
  const status = await nextSupervisor(app, app.pid);
  const before = pidsOf(status);
  for (const pid of before) process.kill(pid, 'SIGKILL');
  const isNew = (pid: number): boolean => !before.includes(pid);
  await statusWhen(app, (one) => {
    const pids = pidsOf(one);
    return (
      pids.length === 2 && pids.every(isNew) && one.services.every((s) => s.status === 'ready')
    );
  });
  for (const name of ['users', 'sleeper']) {
    expect(await variablesOf(app, name)).toMatchObject({ TOKEN: 'second' });
  }
});

test('a file with a line that sets nothing, or that is named and missing, is refused', async () => {
  using files = writeShop({ '.env': 'A=1\nsecret\n' });
  const wrong = await files.forge('start', '--headless');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('.env cannot be used: line 2 is no NAME=value');
  expect(wrong.stderr).not.toContain('secret');
  expect(files.remains()).toEqual([]);

  using other = writeShop({ 'a.env': 'A=1' }, { envFile: ['./a.env', './b.env'] });
  const missing = await other.forge('start', '--headless');
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain(
    'services.users.envFile.1 names "./b.env", which does not exist',
  );
});

test('a running app goes on when its file breaks, and no reload takes that up', async () => {
  using files = writeShop({ '.env': 'TOKEN=first\n' });
  await using app = await startApp(files.directory);
  const before = pidsOf(await statusOf(app));
  writeFileSync(files.file('.env'), 'TOKEN="second\n');
  const { code, stderr } = await app.forge('reload');
  expect(code).toBe(2);
  expect(stderr).toContain('line 1 has a quote that is not closed');
  expect(pidsOf(await statusOf(app))).toEqual(before);
});

test('a config that is a program finds the variables of the files beside it', async () => {
  using files = writeApp({
    '.env': 'NAME_OF_THE_APP=market\n',
    'forge.config.mjs': `export default { app: process.env.NAME_OF_THE_APP, services: { users: { entry: '${entry}' } } };`,
  });
  const { stdout } = await files.forge('config', '--why', 'app');
  expect(stdout).toMatch(/^app +market +config\n$/);
});
