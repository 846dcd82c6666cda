import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TimelineEvent } from '../../src/protocol/control/messages.ts';
import { processStart } from '../../src/sdk/channel/process-start.ts';
import { writeNote } from '../../src/supervisor/succession/notes.ts';
import { startShop } from './engine-app.ts';

const quiet = { entry: './services/quiet.mjs' };

test('every service of the config becomes ready, colocated ones in one process', async () => {
  await using shop = await startShop();
  await shop.engine.settled();

  expect(shop.engine.services().map(({ status }) => status)).toEqual(['ready', 'ready', 'ready']);
  expect(shop.workersOf('users')).toEqual(['main#1']);
  expect(shop.workersOf('orders')).toEqual(['main#1']);
  expect(shop.workersOf('gateway')).toEqual(['_isolated:gateway#1']);
});

test('where the folder of an app was, nothing lies that it could not be moved back to', async () => {
  const runDir = mkdtempSync(join(tmpdir(), 'forge-'));
  await using shop = await startShop({ users: quiet }, { runDir });
  await shop.engine.settled();
  const away = `${shop.directory}.away`;
  const [worker] = shop.engine.services()[0]?.workers ?? [];

  renameSync(shop.directory, away);
  process.kill(worker?.pid ?? 0, 'SIGKILL');
  await shop.until(() => shop.statusOf('users') === 'backoff');
  await shop.until(() => (shop.engine.services()[0]?.reason ?? '').includes('is gone'));
  expect(existsSync(shop.directory)).toBe(false);
  renameSync(away, shop.directory);
  await shop.until(() => shop.statusOf('users') === 'ready');
  await shop.engine.stop();
  rmSync(runDir, { recursive: true });
});

test('stopping leaves no process and no socket behind', async () => {
  await using shop = await startShop(undefined, { httpPort: 0 });
  await shop.engine.settled();
  await expect.poll(() => shop.processes()).toHaveLength(3);

  await shop.engine.stop();

  expect(shop.processes()).toEqual([]);
  expect(readdirSync(shop.runDir)).toEqual([]);
});

test('a worker killed from outside is started again', async () => {
  await using shop = await startShop({ users: quiet });
  await shop.engine.settled();
  const events: TimelineEvent[] = [];
  shop.engine.on('event', (event) => events.push(event));
  const [before] = shop.engine.services()[0]?.workers ?? [];

  process.kill(before?.pid ?? 0, 'SIGKILL');
  await shop.until(() => shop.engine.services()[0]?.workers[0]?.restarts === 1);
  await shop.until(() => shop.statusOf('users') === 'ready');

  expect(shop.engine.services()[0]?.workers[0]?.pid).not.toBe(before?.pid);
  expect(events.map(({ text }) => text)).toEqual([
    'users#1 ended (SIGKILL); it is started again',
    'users#1 is ready again',
  ]);
});

test('a service that fails in onStart is failed with its reason while the others run', async () => {
  await using shop = await startShop({
    users: { entry: './services/fails-in-on-start.mjs', group: 'main' },
    orders: { ...quiet, group: 'main' },
  });
  await shop.engine.settled();

  const [users, orders] = shop.engine.services();
  expect(users).toMatchObject({ status: 'failed', reason: 'the database is away' });
  expect(orders?.status).toBe('ready');
});

test('a service that cannot be loaded is given up after five crashes, and says why', async () => {
  await using shop = await startShop({
    users: { entry: './services/throws-when-loaded.mjs' },
    orders: quiet,
  });
  await shop.engine.settled();

  const [users, orders] = shop.engine.services();
  expect(users?.status).toBe('failed');
  const place = `${shop.directory}/services/throws-when-loaded.mjs:1`;
  expect(users?.reason).toBe(`exit code 1: Error: no licence (${place}) (5 crashes in 60 s)`);
  expect(orders?.status).toBe('ready');
});

test('scaling adds workers and takes them away again', async () => {
  await using shop = await startShop({ users: quiet });
  await shop.engine.settled();

  const change = await shop.engine.apply({ kind: 'scale', service: 'users', workers: 3 });
  expect(change).toEqual({
    from: { group: '_isolated:users', workers: 1 },
    to: { group: '_isolated:users', workers: 3 },
  });
  expect(shop.workersOf('users')).toHaveLength(3);

  await shop.engine.apply({ kind: 'scale', service: 'users', workers: 1 });
  expect(shop.workersOf('users')).toEqual(['_isolated:users#1']);
  expect(shop.processes()).toHaveLength(1);
});

test('a second action on the same service is told which one is in its way', async () => {
  await using shop = await startShop({ users: quiet });
  await shop.engine.settled();

  const first = shop.engine.apply({ kind: 'scale', service: 'users', workers: 2 });
  await expect(
    shop.engine.apply({ kind: 'scale', service: 'users', workers: 3 }),
  ).rejects.toMatchObject({
    code: 'ACTION_CONFLICT',
    message: 'users is being changed by scale users',
  });
  await first;
});

test('what is done to a whole group is told by its name, whichever service was named', async () => {
  await using shop = await startShop();
  await shop.engine.settled();

  const first = shop.engine.apply({ kind: 'restart', service: 'orders' });
  await expect(shop.engine.apply({ kind: 'reload', service: 'users' })).rejects.toMatchObject({
    message: 'main is being changed by restart main',
  });
  await first;
});

test('a service is split out of its group and brought back', async () => {
  await using shop = await startShop();
  await shop.engine.settled();

  await shop.engine.apply({ kind: 'split', service: 'users' });
  expect(shop.workersOf('users')).toEqual(['_isolated:users#1']);
  expect(shop.workersOf('orders')).toEqual(['main#2']);

  await shop.engine.apply({ kind: 'colocate', service: 'users', with: ['orders'] });
  expect(shop.workersOf('users')).toEqual(['main#1']);
  expect(shop.workersOf('orders')).toEqual(['main#1']);
  expect(shop.engine.placements.map(({ group }) => group)).toEqual(['_isolated:gateway', 'main']);
});

test('a worker that cannot start changes nothing', async () => {
  await using shop = await startShop({ users: quiet });
  await shop.engine.settled();
  writeFileSync(`${shop.directory}/services/quiet.mjs`, 'throw new Error("broken deploy")');
  const events: TimelineEvent[] = [];
  shop.engine.on('event', (event) => events.push(event));

  await expect(
    shop.engine.apply({ kind: 'scale', service: 'users', workers: 2 }),
  ).rejects.toMatchObject({
    code: 'NOT_READY',
    message: `users#2 did not become ready: exit code 1: Error: broken deploy (${shop.directory}/services/quiet.mjs:1)`,
  });
  expect(shop.workersOf('users')).toEqual(['_isolated:users#1']);
  expect(shop.engine.placements[0]?.workers).toBe(1);
  expect(events.map(({ text }) => text)).toEqual([
    expect.stringMatching(/^users#2 ended \(.*\); it is not started again$/),
  ]);
});

test('a worker that ignores SIGTERM is killed when its time to stop is over', async () => {
  await using shop = await startShop({
    users: { entry: './services/ignores-sigterm.mjs', timeouts: { stop: '500 ms' } },
  });
  await shop.engine.settled();
  await shop.engine.stop();

  expect(shop.processes()).toEqual([]);
});

test('a service that uses decorators is bundled before it runs', async () => {
  await using shop = await startShop({ users: { entry: './services/decorated.ts' } });
  await shop.engine.settled();

  expect(shop.statusOf('users')).toBe('ready');
  expect(existsSync(`${shop.directory}/.forge/build/users.mjs`)).toBe(true);
});

test('a taken port is reported with its owner, and nothing is left running', async () => {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;

  await expect(startShop(undefined, { httpPort: port })).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining(`(pid ${process.pid})`),
  });
  server.close();
});

test('a second supervisor of the same app is refused', async () => {
  await using shop = await startShop({ users: quiet });
  await expect(startShop({ users: quiet }, { runDir: shop.runDir })).rejects.toMatchObject({
    code: 'ALREADY_RUNNING',
  });
  await shop.engine.settled();
  expect(shop.statusOf('users')).toBe('ready');
});

test('what a killed supervisor left running is ended before the app starts again', async () => {
  const runDir = mkdtempSync(join(tmpdir(), 'forge-run-'));
  const orphan = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1e9)'], {
    detached: true,
    stdio: 'ignore',
  });
  const ended = once(orphan, 'exit');
  const pid = orphan.pid ?? 0;
  writeNote(runDir, {
    pid,
    started: processStart(pid) ?? '',
    runId: 'an earlier run',
    incarnation: 'w1',
    workerId: 'main#1',
    group: 'main',
    services: ['users'],
    rpcPath: '',
    httpPath: '',
    logFile: '',
    startedAt: 0,
    restarts: 0,
  });

  await using shop = await startShop({ users: quiet }, { runDir });
  await ended;
  await shop.engine.settled();
  await shop.engine.stop();
  rmdirSync(runDir);
});

test('garbage on the worker channel, or a stranger, is cut off and disturbs nobody', async () => {
  await using shop = await startShop({ users: quiet });
  await shop.engine.settled();
  const hello = { type: 'hello', version: 1, runId: 'x', workerId: '_isolated:users#1', pid: 1 };

  for (const line of ['not json', '{"type":"ready"}', JSON.stringify(hello)]) {
    const socket = connect(join(shop.runDir, 'workers.sock'));
    socket.write(`${line}\n`);
    await once(socket, 'close');
  }
  expect(shop.statusOf('users')).toBe('ready');
});
