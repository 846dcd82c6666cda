import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CopiedApp, startCopy } from '../helpers/app-copy.ts';
import { keepAsking } from '../helpers/asking.ts';
import { answers } from '../helpers/forge.ts';
import { nextSupervisor, pidsOf, statusOf, statusWhen } from '../helpers/status.ts';

const ingressOf = ({ env }: CopiedApp): number => {
  const runDir = env['FORGE_RUN_DIR'] ?? '';
  const notes = readdirSync(runDir)
    .filter((name) => name.endsWith('.process.json'))
    .map((name) => JSON.parse(readFileSync(join(runDir, name), 'utf8')));
  return notes.find(({ workerId }) => workerId === 'ingress#1').pid;
};

const source = 'test/fixtures/apps/hello';

test('a killed supervisor comes back by itself, keeps every worker, and no request fails', async () => {
  await using app = await startCopy(source);
  const before = await statusOf(app);
  const asking = keepAsking(`${app.http}/hello`);

  process.kill(before.supervisor.pid, 'SIGKILL');
  const after = await nextSupervisor(app, before.supervisor.pid);
  process.kill(after.supervisor.pid, 'SIGKILL');
  const last = await nextSupervisor(app, after.supervisor.pid);

  expect(pidsOf(last)).toEqual(pidsOf(before));
  expect(last.supervisor.adoptedWorkers).toBe(5);
  expect(last.services.map(({ status }) => status)).toEqual(['ready', 'ready']);
  const told = (await app.forge('events')).stdout;
  expect(told).toContain(`supervisor ${after.supervisor.pid} died; ${last.supervisor.pid}, `);
  expect(told).toMatch(/started by \w+#\d, has taken over its 5 processes/);
  expect((await asking.stop()).failures).toEqual([]);
});

test('the next supervisor does what the last one could: scale, replace a dead worker, stop', async () => {
  await using app = await startCopy(source);
  const before = await statusOf(app);
  process.kill(before.supervisor.pid, 'SIGKILL');
  await nextSupervisor(app, before.supervisor.pid);

  expect((await app.forge('scale', 'names', '3')).code).toBe(0);
  expect((await app.forge('scale', 'hello', '1')).code).toBe(0);
  const [hello, names] = (await statusOf(app)).services;
  expect(hello?.workers).toHaveLength(1);
  expect(names?.workers).toHaveLength(3);

  expect((await app.forge('stop')).code).toBe(0);
  await app.gone();
  expect(readdirSync(app.env['FORGE_RUN_DIR'] ?? '')).toEqual([]);
});

test('the next of many supervisors that crashed is started after a pause, in which workers serve', async () => {
  await using app = await startCopy(source);
  const before = await statusOf(app);
  const file = join(app.env['FORGE_RUN_DIR'] ?? '', 'succession.json');
  const succession = JSON.parse(readFileSync(file, 'utf8'));
  const crashed = Array.from({ length: 11 }, () => Date.now());
  writeFileSync(file, JSON.stringify({ ...succession, starts: crashed }));
  const asking = keepAsking(`${app.http}/hello`);

  process.kill(before.supervisor.pid, 'SIGKILL');
  const after = await nextSupervisor(app, before.supervisor.pid);

  const { starts } = JSON.parse(readFileSync(file, 'utf8'));
  expect(starts).toHaveLength(12);
  expect(starts[11] - starts[10]).toBeGreaterThanOrEqual(2_000);
  expect(pidsOf(after)).toEqual(pidsOf(before));
  expect((await asking.stop()).failures).toEqual([]);
});

test('an adopted worker that dies is replaced', async () => {
  await using app = await startCopy(source);
  const before = await statusOf(app);
  process.kill(before.supervisor.pid, 'SIGKILL');
  const after = await nextSupervisor(app, before.supervisor.pid);
  const [victim = 0] = pidsOf(after);

  process.kill(victim, 'SIGKILL');
  const replaced = await statusWhen(app, (status) => {
    const ready = status.services.map(
      ({ workers }) => workers.filter((worker) => worker.status === 'ready').length,
    );
    return ready.every((count) => count === 2) && !pidsOf(status).includes(victim);
  });
  expect(pidsOf(replaced)).toHaveLength(4);
});

test('without a successor the workers end after their grace, and leave nothing behind', async () => {
  const env = { SUCCESSOR: 'none', ORPHAN_GRACE: '300ms', WITH_GRANDCHILD: 'yes' };
  await using app = await startCopy(source, env);
  expect(app.processes()).toHaveLength(8);

  process.kill(app.pid, 'SIGKILL');
  await app.gone();

  expect(readdirSync(app.env['FORGE_RUN_DIR'] ?? '')).toEqual([]);
});

/** Kills the supervisor of an app that has no successor, and starts the app again. */
const startAgain = async (app: CopiedApp) => {
  process.kill(app.pid, 'SIGKILL');
  await app.exited;
  return app.forge('start', '--daemon');
};

test('an app without successor, started again, keeps every worker, and no request fails', async () => {
  await using app = await startCopy(source, { SUCCESSOR: 'none' });
  const before = await statusOf(app);
  const asking = keepAsking(`${app.http}/hello`);
  // What runs goes on with the config that it runs.
  writeFileSync(join(app.directory, 'forge.config.mjs'), 'this is broken');

  const { code, stdout } = await startAgain(app);

  expect({ code, stdout }).toEqual({ code: 0, stdout: `ready hello 2 services ${app.http}\n` });
  const after = await statusOf(app);
  expect(after.supervisor.pid).not.toBe(before.supervisor.pid);
  expect(after.supervisor.adoptedWorkers).toBe(5);
  expect(pidsOf(after)).toEqual(pidsOf(before));
  await asking.reach(100);
  expect((await asking.stop()).failures).toEqual([]);
});

test('an app that was started again gets its port back when its ingress dies, and can be upgraded', async () => {
  await using app = await startCopy(source, { SUCCESSOR: 'none' });
  const before = pidsOf(await statusOf(app));
  await startAgain(app);
  expect((await app.forge('upgrade')).code).toBe(0);

  process.kill(ingressOf(app), 'SIGKILL');
  await answers(`${app.http}/hello/1`);

  expect(pidsOf(await statusOf(app))).toEqual(before);
});

test('an upgrade puts another supervisor in place while every worker and request goes on', async () => {
  await using app = await startCopy(source);
  const before = await statusOf(app);
  const asking = keepAsking(`${app.http}/hello`);

  const { code, stdout } = await app.forge('upgrade');
  expect(code).toBe(0);
  const after = await statusOf(app);
  expect(stdout).toContain(`supervisor ${after.supervisor.pid} has taken over`);
  expect(await app.exited).toBe(0);

  expect(after.supervisor.pid).not.toBe(before.supervisor.pid);
  expect(pidsOf(after)).toEqual(pidsOf(before));
  expect((await asking.stop()).failures).toEqual([]);
  process.kill(after.supervisor.pid, 'SIGKILL');
  expect(pidsOf(await nextSupervisor(app, after.supervisor.pid))).toEqual(pidsOf(before));
});
