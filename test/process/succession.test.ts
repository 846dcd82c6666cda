import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startCopy } from '../helpers/app-copy.ts';
import { keepAsking } from '../helpers/asking.ts';
import { nextSupervisor, pidsOf, statusOf, statusWhen } from '../helpers/status.ts';

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
  while (app.processes().length > 0) await app.exited;
  expect(readdirSync(app.env['FORGE_RUN_DIR'] ?? '')).toEqual([]);
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
  while (app.processes().length > 0) await app.exited;

  expect(readdirSync(app.env['FORGE_RUN_DIR'] ?? '')).toEqual([]);
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
