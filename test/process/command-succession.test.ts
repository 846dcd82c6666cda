import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Status } from '../../src/protocol/metrics.ts';
import { startCopy } from '../helpers/app-copy.ts';
import { nextSupervisor, pidsOf, statusOf, statusWhen } from '../helpers/status.ts';
import { startTraffic } from '../helpers/traffic.ts';
import { clientsOf } from './command-app.ts';

const source = 'test/fixtures/apps/commands';

const urlOf = (status: Status, name: string): string =>
  `http://127.0.0.1:${status.services.find((one) => one.name === name)?.port}`;

const isWhole = ({ services }: Status): boolean =>
  services.every(({ workers }) => workers.every(({ status }) => status === 'ready'));

test('a killed supervisor comes back, adopts every command, and no request fails', async () => {
  await using app = await startCopy(source);
  const before = await statusOf(app);
  await using legacy = startTraffic(urlOf(before, 'legacy'), clientsOf('/', 2));
  await using other = startTraffic(urlOf(before, 'other'), clientsOf('/', 2));

  process.kill(before.supervisor.pid, 'SIGKILL');
  const after = await nextSupervisor(app, before.supervisor.pid);
  await Promise.all([legacy.after(20), other.after(20)]);
  expect((await legacy.stop()).failures).toEqual({});
  expect((await other.stop()).failures).toEqual({});

  expect(pidsOf(after)).toEqual(pidsOf(before));
  expect(after.supervisor.adoptedWorkers).toBe(7);
  expect(isWhole(after)).toBe(true);
  expect(after.services.map(({ port }) => port)).toEqual(before.services.map(({ port }) => port));
});

test('the next supervisor scales adopted commands, and replaces one that dies', async () => {
  await using app = await startCopy(source);
  const before = await statusOf(app);
  process.kill(before.supervisor.pid, 'SIGKILL');
  await nextSupervisor(app, before.supervisor.pid);
  await using traffic = startTraffic(urlOf(before, 'other'), clientsOf('/', 2));

  expect((await app.forge('scale', 'other', '3')).code).toBe(0);
  expect((await app.forge('scale', 'other', '1')).code).toBe(0);
  expect((await traffic.stop()).failures).toEqual({});
  const victims = pidsOf(await statusOf(app));
  for (const victim of victims) process.kill(victim, 'SIGKILL');
  const replaced = await statusWhen(
    app,
    (status) => isWhole(status) && !pidsOf(status).some((pid) => victims.includes(pid)),
  );
  expect(pidsOf(replaced)).toHaveLength(victims.length);

  expect((await app.forge('stop')).code).toBe(0);
  await app.gone();
  expect(readdirSync(app.env['FORGE_RUN_DIR'] ?? '')).toEqual([]);
});

test('without a successor the ingress ends the commands as well, and leaves nothing behind', async () => {
  await using app = await startCopy(source, { SUCCESSOR: 'none', ORPHAN_GRACE: '300ms' });
  expect(app.processes().length).toBeGreaterThan(6);

  process.kill(app.pid, 'SIGKILL');
  await app.gone();

  expect(readdirSync(app.env['FORGE_RUN_DIR'] ?? '')).toEqual([]);
});

test('a supervisor that is upgraded lets go of its commands, and ends', async () => {
  await using app = await startCopy(source);
  const before = await statusOf(app);

  expect((await app.forge('upgrade')).code).toBe(0);

  expect(await app.exited).toBe(0);
  expect(pidsOf(await statusOf(app))).toEqual(pidsOf(before));
});
