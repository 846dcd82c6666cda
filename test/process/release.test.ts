import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CopiedApp, startCopy } from '../helpers/app-copy.ts';
import { keepAsking } from '../helpers/asking.ts';
import { actionsOf, pidsOf, statusOf, statusWhen } from '../helpers/status.ts';

const source = 'test/fixtures/apps/hello';

/** Puts another version of a service on disk. */
const edit = (app: CopiedApp, change: (code: string) => string): void => {
  const file = join(app.directory, 'services/names.mjs');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
};

const greetingOf = async (app: CopiedApp): Promise<string> => {
  const { hello } = (await (await fetch(`${app.http}/hello/1`)).json()) as { hello: string };
  return hello;
};

test('a reload brings the new code, and no request fails meanwhile', async () => {
  await using app = await startCopy(source);
  const before = pidsOf(await statusOf(app));
  const asking = keepAsking(`${app.http}/hello`);

  edit(app, (code) => code.replace('visitor', 'guest'));
  const { code } = await app.forge('reload', 'names');
  expect(code).toBe(0);
  expect(await greetingOf(app)).toBe('guest 1');
  expect((await app.forge('reload')).code).toBe(0);

  await asking.reach(100);
  expect((await asking.stop()).failures).toEqual([]);
  const ready = (await statusOf(app)).services.flatMap(({ workers }) =>
    workers.filter(({ status }) => status === 'ready').map(({ pid }) => pid),
  );
  expect(ready.filter((pid) => before.includes(pid))).toEqual([]);
});

test('a build that does not start changes nothing: exit 3, the reason, the old workers', async () => {
  await using app = await startCopy(source);
  const before = pidsOf(await statusOf(app));
  const asking = keepAsking(`${app.http}/hello`);

  edit(app, (code) => `throw new Error('no licence for this build');\n${code}`);
  const { code, stderr } = await app.forge('reload', 'names');

  expect(code).toBe(3);
  expect(stderr).toContain('no licence for this build');
  expect((await asking.stop()).failures).toEqual([]);
  expect(pidsOf(await statusOf(app))).toEqual(before);
});

test('a build that turns bad when it is live is rolled back by itself', async () => {
  await using app = await startCopy(source);
  const before = pidsOf(await statusOf(app));
  const asking = keepAsking(`${app.http}/hello`);

  edit(app, (code) => code.replace('return `visitor', "throw new Error('bad'); return `visitor"));
  expect((await app.forge('reload', 'names')).code).toBe(0);
  const after = await statusWhen(app, (status) => pidsOf(status).join() === before.join());

  expect(after.services.map(({ status }) => status)).toEqual(['ready', 'ready']);
  expect(await greetingOf(app)).toBe('visitor 1');
  const [rollback, reload] = await actionsOf(app);
  expect(rollback).toMatchObject({ kind: 'rollback', by: { user: 'threadforge' } });
  expect(rollback?.why).toMatch(/of its answers are errors \(before 0 %\)/);
  expect(reload).toMatchObject({ kind: 'reload', status: 'undone' });
  await asking.stop();
});

test('an operator goes back to the workers from before a reload', async () => {
  await using app = await startCopy(source);
  const before = pidsOf(await statusOf(app));
  edit(app, (code) => code.replace('visitor', 'guest'));
  await app.forge('reload', 'names');

  expect((await app.forge('rollback', 'names')).code).toBe(0);
  expect(pidsOf(await statusOf(app))).toEqual(before);
  expect(await greetingOf(app)).toBe('visitor 1');
  const again = await app.forge('rollback', 'names');
  expect(again.code).toBe(3);
  expect(again.stderr).toContain('forge: names has no workers from before a reload');
});

test('while a reload bakes, the status says which workers are only kept at hand', async () => {
  await using app = await startCopy(source);
  const before = pidsOf(await statusOf(app));
  await app.forge('reload', 'names');
  const { services } = await statusOf(app);
  const workers = services.find(({ name }) => name === 'names')?.workers ?? [];
  const kept = workers.filter(({ standby }) => standby === true);
  expect(kept.every(({ pid }) => before.includes(pid))).toBe(true);
  expect(kept.length * 2).toBe(workers.length);
  expect((await app.forge('status')).stdout).toMatch(/names .* (\d)\/\1 \+\1 standby/);
});

test('a restart replaces every worker', async () => {
  await using app = await startCopy(source);
  const before = pidsOf(await statusOf(app));
  expect((await app.forge('restart')).code).toBe(0);
  const after = pidsOf(await statusOf(app));
  expect(after).toHaveLength(4);
  expect(after.filter((pid) => before.includes(pid))).toEqual([]);
});

test('a restart of one worker leaves the others alone, and no request fails meanwhile', async () => {
  await using app = await startCopy(source);
  const before = (await statusOf(app)).services.find(({ name }) => name === 'names')?.workers ?? [];
  const asking = keepAsking(`${app.http}/hello`);
  expect((await app.forge('restart', 'names', '--worker', 'names#2')).code).toBe(0);
  expect((await asking.stop()).failures).toEqual([]);

  const after = (await statusOf(app)).services.find(({ name }) => name === 'names')?.workers ?? [];
  const pids = (workers: typeof after) => workers.map(({ pid }) => pid);
  expect(before).toHaveLength(2);
  expect(after).toHaveLength(2);
  expect(pids(after).filter((pid) => pids(before).includes(pid))).toEqual([before[0]?.pid]);
  const [action] = await actionsOf(app);
  expect(action).toMatchObject({ kind: 'restart', worker: '_isolated:names#2', status: 'done' });

  const gone = await app.forge('restart', 'names', '--worker', 'names#2');
  expect([gone.code, gone.stderr]).toEqual([
    3,
    expect.stringContaining('Name one of: names#1, names#3.'),
  ]);
  expect((await app.forge('restart', '--worker', 'names#1')).code).toBe(0);
  const two = await app.forge('restart', 'hello', 'names', '--worker', 'names#1');
  expect([two.code, two.stderr]).toEqual([2, expect.stringContaining('is of one service')]);
});

test('a reload of everything takes up a new config: a service more, another environment', async () => {
  await using app = await startCopy(source);
  const asking = keepAsking(`${app.http}/hello`);
  const config = join(app.directory, 'forge.config.mjs');
  const old = readFileSync(config, 'utf8');

  writeFileSync(
    config,
    old.replace('services: {', "services: { more: { entry: './services/names.mjs' },"),
  );
  expect(await app.forge('reload')).toMatchObject({
    code: 0,
    stderr: 'new in the config, and started: more\n',
  });
  expect((await statusOf(app)).services.map(({ name, status }) => [name, status])).toEqual([
    ['more', 'ready'],
    ['hello', 'ready'],
    ['names', 'ready'],
  ]);

  writeFileSync(config, old);
  const removal = 'no more in the config, and stopped: more';
  expect(await app.forge('reload')).toMatchObject({ code: 0, stderr: `${removal}\n` });
  expect((await statusOf(app)).services.map(({ name }) => name)).toEqual(['hello', 'names']);
  const [last] = (await actionsOf(app)).filter(({ kind }) => kind === 'reconfigure');
  expect(last?.why).toBe(removal);
  expect((await asking.stop()).failures).toEqual([]);
});

test('a config that is wrong, or whose new service does not start, changes nothing', async () => {
  await using app = await startCopy(source);
  const before = pidsOf(await statusOf(app));
  const config = join(app.directory, 'forge.config.mjs');
  const old = readFileSync(config, 'utf8');

  writeFileSync(config, old.replace('services:', 'servces:'));
  const wrong = await app.forge('reload');
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('Did you mean services')]);

  writeFileSync(join(app.directory, 'services/bad.mjs'), "throw new Error('no licence')");
  writeFileSync(
    config,
    old.replace('services: {', "services: { bad: { entry: './services/bad.mjs' },"),
  );
  const bad = await app.forge('reload');
  expect([bad.code, bad.stderr]).toEqual([3, expect.stringContaining('no licence')]);
  const after = await statusOf(app);
  expect(pidsOf(after)).toEqual(before);
  expect(after.services.map(({ name }) => name)).toEqual(['hello', 'names']);
});
