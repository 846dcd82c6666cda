import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningApp, startApp } from '../helpers/forge.ts';
import { freePort } from '../helpers/free-port.ts';
import { statusOf } from '../helpers/status.ts';
import { type WrittenApp, writeApp } from '../helpers/written-app.ts';

type Services = Readonly<Record<string, object>>;

const entry = './services/quiet.mjs';
const usual: Services = {
  gate: { entry },
  users: { entry, group: 'main' },
  orders: { entry, group: 'main' },
  'my.svc': { entry: './mine.mjs' },
};
const works =
  "import { Service } from 'threadforge';\nexport default class Mine extends Service {}\n";

let files: WrittenApp;
let app: RunningApp;

const write = (services: Services, more: object = {}): void =>
  writeFileSync(
    files.file('forge.config.mjs'),
    `export default ${JSON.stringify({ app: 'shop', reload: { bake: 0 }, services, ...more })}`,
  );
/** An app as it was, whatever the test before has done to it. */
const asUsual = async (): Promise<void> => {
  write(usual);
  writeFileSync(files.file('mine.mjs'), works);
  expect((await app.forge('reload')).code).toBe(0);
};

beforeAll(async () => {
  files = writeApp({ 'mine.mjs': works, 'forge.config.mjs': '' });
  write(usual);
  app = await startApp(files.directory);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  files[Symbol.dispose]();
});

const pidsOf = async (name: string): Promise<readonly number[]> => {
  const { services } = await statusOf(app);
  const service = services.find((one) => one.name === name);
  // The one before it is at hand for a moment.
  const workers = service?.workers.filter(({ status }) => status === 'ready') ?? [];
  return workers.map(({ pid }) => pid);
};

const environmentOf = async (name: string): Promise<string> => {
  const [pid = 0] = await pidsOf(name);
  return readFileSync(`/proc/${pid}/environ`, 'utf8').replaceAll('\0', '\n');
};

for (const command of ['reload', 'restart']) {
  test(`a ${command} of a service gives it the environment that the config has now`, async () => {
    await asUsual();
    write({ ...usual, gate: { entry, env: { FOO: '1' } } });
    expect((await app.forge(command, 'gate')).code).toBe(0);
    expect(await environmentOf('gate')).toContain('FOO=1');

    write(usual);
    expect((await app.forge(command, 'gate')).code).toBe(0);
    expect(await environmentOf('gate')).not.toContain('FOO=');
  });
}

test('a reload of a service is refused when the config cannot be read', async () => {
  await asUsual();
  const before = await pidsOf('gate');
  writeFileSync(files.file('forge.config.mjs'), 'export default {');
  const { code, stderr } = await app.forge('reload', 'gate');
  expect(code).toBe(2);
  expect(stderr).toContain('forge.config.mjs cannot be loaded');
  expect(await pidsOf('gate')).toEqual(before);
});

test('who shares workers with a service that is reloaded gets what the config has now as well', async () => {
  await asUsual();
  write({ ...usual, orders: { entry, group: 'main', env: { FOO: '1' } } });
  expect((await app.forge('reload', 'users')).code).toBe(0);
  expect(await environmentOf('orders')).toContain('FOO=1');
});

test('a group is reloaded by its name', async () => {
  await asUsual();
  const before = await pidsOf('orders');
  expect((await app.forge('reload', 'main')).stdout).toContain(
    '  reload main  main×1 → main×1  done',
  );
  expect(await pidsOf('orders')).not.toEqual(before);
});

test('a service that is only in the file is started by its name', async () => {
  await asUsual();
  write({ ...usual, extra: { entry } });
  expect((await app.forge('reload', 'extra')).code).toBe(0);
  expect(await pidsOf('extra')).toHaveLength(1);
});

test('what else the config has is told, and not taken up', async () => {
  await asUsual();
  const { users: _gone, ...others } = usual;
  const changed = { 'my.svc': { entry: './mine.mjs', env: { FOO: '1' } }, extra: { entry } };
  write({ ...others, ...changed }, { reload: { bake: 5 } });
  const before = await pidsOf('my.svc');
  const { code, stderr } = await app.forge('reload', 'gate');
  expect(code).toBe(0);
  expect(stderr).toBe(
    'not asked for, and not taken up from the config: extra (new), users (removed), my.svc.env.FOO, reload.bake\n',
  );
  expect(await pidsOf('my.svc')).toEqual(before);
  expect(await pidsOf('users')).toHaveLength(1);
  expect(await pidsOf('extra')).toEqual([]);
});

test('no service is reloaded when one of the names is wrong, or of a stopped one', async () => {
  await asUsual();
  const before = await pidsOf('gate');
  const unknown = await app.forge('reload', 'gate', 'users', 'nope');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('There is no service nope');
  expect((await app.forge('stop', 'my.svc')).code).toBe(0);
  expect((await app.forge('reload', 'gate', 'my.svc')).code).toBe(3);
  expect(await pidsOf('gate')).toEqual(before);
  expect((await app.forge('start', 'my.svc')).code).toBe(0);
});

test('while the config is broken a restart brings back what runs, and says so', async () => {
  await asUsual();
  const before = await pidsOf('gate');
  writeFileSync(files.file('forge.config.mjs'), 'export default {');
  const wrong = await app.forge('restart', 'gate', 'nope');
  expect([wrong.code, wrong.stdout]).toEqual([2, '']);
  expect(wrong.stderr).toContain('There is no service nope');
  expect(await pidsOf('gate')).toEqual(before);
  expect((await app.forge('reload', 'gate')).code).toBe(2);

  const { code, stdout, stderr } = await app.forge('restart', 'gate');
  expect(code).toBe(0);
  expect(stdout).toMatch(/restart gate .*done/);
  expect(stderr).toMatch(
    /^restarting with the config that runs: \S+forge\.config\.mjs cannot be loaded: .*\n {2}→ Correct the file.*\n$/,
  );
  expect(await pidsOf('gate')).not.toEqual(before);

  const all = await app.forge('restart', '--json');
  expect([all.code, JSON.parse(all.stdout).actions.length]).toEqual([0, 3]);
  expect(all.stderr).toContain('restarting with the config that runs');
});

test('a reload that fails half-way says what it has replaced, and exits with 1', async () => {
  await asUsual();
  writeFileSync(files.file('mine.mjs'), 'throw new Error("broken");');
  const before = await pidsOf('my.svc');
  const { code, stdout, stderr } = await app.forge('reload', 'gate', 'my.svc', 'users');
  expect(code).toBe(1);
  expect(stdout).toMatch(/reload gate .*done/);
  expect(stderr).toContain('replaced before that: gate');
  expect(stderr).not.toContain('Nothing was changed');
  expect(await pidsOf('my.svc')).toEqual(before);

  const json = await app.forge('reload', 'gate', 'my.svc', '--json');
  expect(json.code).toBe(1);
  const { actions, error } = JSON.parse(json.stdout);
  expect(actions).toMatchObject([{ kind: 'reload', service: 'gate', status: 'done' }]);
  expect(error).toMatchObject({ code: 'PARTLY_DONE', exitCode: 1 });

  const alone = await app.forge('reload', 'my.svc', '--json');
  expect(alone.code).toBe(3);
  expect(JSON.parse(alone.stdout)).toMatchObject({ actions: [], error: { code: 'NOT_READY' } });
});

test('a command does not become an entry in one reload while both have a port, and what can be done is said', async () => {
  const port = await freePort();
  const command = { command: 'node server.mjs', port };
  const configOf = (services: Services): string => JSON.stringify({ services });
  using others = writeApp({
    'forge.config.json': configOf({ users: { entry }, front: command }),
    'server.mjs':
      "import { createServer } from 'node:http';\ncreateServer((_, answer) => answer.end()).listen(process.env.PORT);\n",
  });
  await using running = await startApp(others.directory);
  const reload = async (front: object) => {
    writeFileSync(others.file('forge.config.json'), configOf({ users: { entry }, front }));
    const { code, stderr } = await running.forge('reload');
    return [code, stderr.replace(/^.*forge\.config\.json /, '')];
  };
  expect(await reload({ entry, port })).toEqual([
    3,
    'makes an entry of front, which was a command, and both have a port\n  → Leave services.front.port out with the first reload, and write it with the next.\n',
  ]);
  expect(await reload({ entry })).toEqual([0, '']);
  expect(await reload({ entry, port })).toEqual([0, '']);
  expect(await reload(command)).toEqual([
    3,
    expect.stringContaining('makes a command of front, which was an entry, and both have a port\n'),
  ]);
  const { services } = await statusOf(running);
  expect(services).toMatchObject([{ name: 'users' }, { name: 'front', port }]);
});

test('a port is not passed from one service to another in one reload, and what can be done is said', async () => {
  await asUsual();
  const port = await freePort();
  write({ ...usual, gate: { entry, port } });
  expect((await app.forge('reload', 'gate')).code).toBe(0);
  write({ ...usual, users: { entry, group: 'main', port } });
  const refused = await app.forge('reload');
  expect([refused.code, refused.stderr.replace(/^.*forge\.config\.mjs /, '')]).toEqual([
    3,
    'gives the port of gate to users\n  → Take it from gate first, with a reload; then give it to users with the next.\n',
  ]);

  write(usual);
  expect((await app.forge('config', 'diff')).stdout).toBe(
    `not taken up: gate.port  ${port} → (none)\n`,
  );
  expect((await app.forge('reload')).code).toBe(0);
  write({ ...usual, users: { entry, group: 'main', port } });
  expect((await app.forge('reload')).code).toBe(0);
  const { services } = await statusOf(app);
  expect(services.filter((one) => one.port !== undefined)).toMatchObject([{ name: 'users', port }]);
});
