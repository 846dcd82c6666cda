import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCopy } from '../helpers/app-copy.ts';
import { startApp } from '../helpers/forge.ts';
import { pidsOf, statusOf } from '../helpers/status.ts';
import { writeApp } from '../helpers/written-app.ts';

const source = 'test/fixtures/apps/hello';

test('what operators changed is shown as a difference, and adopted into the config file', async () => {
  await using app = await startCopy(source);
  expect((await app.forge('scale', 'names', '3')).code).toBe(0);
  expect((await app.forge('colocate', 'hello', 'names')).code).toBe(0);

  const { stdout } = await app.forge('config', 'diff', '--json');
  const { differences } = JSON.parse(stdout);
  expect(differences).toEqual([
    { service: 'hello', key: 'group', from: '_isolated:hello', to: 'hello-names' },
    { service: 'hello', key: 'workers', from: 2, to: 3 },
    { service: 'names', key: 'group', from: '_isolated:names', to: 'hello-names' },
    { service: 'names', key: 'workers', from: 2, to: 3 },
  ]);

  const before = await statusOf(app);
  expect((await app.forge('config', 'adopt')).code).toBe(0);
  const file = readFileSync(join(app.directory, 'forge.config.mjs'), 'utf8');
  expect(file).toMatch(/hello: \{[^}]*group: ['"]hello-names['"]/);
  expect(file).toContain('process.env.START_LIMIT');
  expect(file).toMatch(/[^\n]\n$/);
  expect((await app.forge('config', 'diff')).stdout).toBe('what runs is what the config says\n');
  expect(pidsOf(await statusOf(app))).toEqual(pidsOf(before));
});

test('each setting is told with its value and where that comes from', async () => {
  await using app = await startCopy(source);
  await app.forge('scale', 'names', '1');

  const { stdout } = await app.forge('config', '--why', 'names', '--json');
  const { settings } = JSON.parse(stdout) as {
    settings: readonly { readonly key: string; readonly value: unknown; readonly from: string }[];
  };
  const found = Object.fromEntries(settings.map(({ key, value, from }) => [key, [value, from]]));
  expect(found['names.workers.initial']).toEqual([1, 'operator']);
  expect(found['names.health.replaceAfter']).toEqual([1_500, 'config']);
  expect(found['names.timeouts.stop']).toEqual([10_000, 'default']);

  const table = (await app.forge('config')).stdout.trimEnd().split('\n');
  const starts = table.map((each) => each.search(/\S+$/));
  expect(new Set(starts).size).toBe(1);

  const { code, stderr } = await app.forge('config', '--why', 'nmes');
  expect(code).toBe(2);
  expect(stderr).toContain('There is no setting nmes');
});

const quiet = './services/quiet.mjs';
const configWith = (services: object): string =>
  JSON.stringify({ app: 'shop', reload: { bake: 0 }, services });

test('what the file says and no reload has taken up is shown as a difference', async () => {
  const services = { users: { entry: quiet }, orders: { entry: quiet } };
  using files = writeApp({ 'forge.config.json': configWith(services) });
  await using app = await startApp(files.directory);
  expect((await app.forge('config', 'diff')).stdout).toBe('what runs is what the config says\n');

  const next = {
    users: { entry: quiet, workers: 2, env: { TOKEN: 'secret' } },
    extra: { entry: quiet },
  };
  writeFileSync(files.file('forge.config.json'), configWith(next));
  const { stdout, code } = await app.forge('config', 'diff');
  expect(code).toBe(0);
  expect(stdout).toBe(
    [
      'not taken up: extra (new)',
      'not taken up: orders (removed)',
      'not taken up: users.workers.initial  1 → 2',
      'not taken up: users.env.TOKEN  (none) → (hidden)',
      '',
    ].join('\n'),
  );
  const { changes } = JSON.parse((await app.forge('config', 'diff', '--json')).stdout);
  expect(changes).toContainEqual({ change: 'added', service: 'extra' });

  const withPort = JSON.stringify({
    ...JSON.parse(configWith(next)),
    http: { admin: { port: 1 } },
  });
  writeFileSync(files.file('forge.config.json'), withPort);
  const told = await app.forge('config', 'diff');
  expect(told.stdout).toContain('http.admin.port  (none) → 1  (needs a stop and a start)');
  expect(told.stderr).toContain('`forge stop` and `forge start` take it up');
  writeFileSync(files.file('forge.config.json'), configWith(next));

  expect((await app.forge('reload')).code).toBe(0);
  expect((await app.forge('config', 'diff')).stdout).toBe('what runs is what the config says\n');
});

test('what a reload took up in vain is still a difference', async () => {
  using files = writeApp({
    'forge.config.json': configWith({ users: { entry: quiet } }),
    'breaks.mjs': "throw new Error('broken');",
  });
  await using app = await startApp(files.directory);
  writeFileSync(files.file('forge.config.json'), configWith({ users: { entry: './breaks.mjs' } }));
  expect((await app.forge('reload', 'users')).code).toBe(3);
  expect((await app.forge('config', 'diff')).stdout).toContain('not taken up: users.entry  ');
});

test('of an app that does not run no difference is denied', async () => {
  using files = writeApp({ 'forge.config.json': configWith({ users: { entry: quiet } }) });
  const { stdout, code } = await files.forge('config', 'diff');
  expect([stdout, code]).toEqual(['the app does not run; it reads the config when it starts\n', 0]);
  const json = JSON.parse((await files.forge('config', 'diff', '--json')).stdout);
  expect(json).toEqual({ version: 1, running: false, differences: [], changes: [] });
});
