import { expect, test } from 'vitest';
import { type CopiedApp, startCopy } from '../helpers/app-copy.ts';
import { keepAsking } from '../helpers/asking.ts';
import { nextSupervisor, pidsOf, statusOf } from '../helpers/status.ts';
import { KeptConnections } from './kept-connections.ts';

const source = 'test/fixtures/apps/hello';
const OWN_PORT = 'yes';

/** Where the workers of a service accept themselves. */
const ownOrigin = async (app: CopiedApp): Promise<string> => {
  const { services } = await statusOf(app);
  return `http://127.0.0.1:${services.find(({ name }) => name === 'hello')?.port}`;
};

const scales = async (app: CopiedApp): Promise<void> => {
  for (const workers of ['3', '1', '2']) {
    expect((await app.forge('scale', 'hello', workers)).code).toBe(0);
  }
};

test('the port of a service outlives its supervisor, and the next one hands it on', async () => {
  await using app = await startCopy(source, { OWN_PORT });
  const before = await statusOf(app);
  const origin = await ownOrigin(app);
  expect(app.ready).toContain(` hello ${origin}`);
  const asking = keepAsking(`${origin}/hello`);

  process.kill(before.supervisor.pid, 'SIGKILL');
  const after = await nextSupervisor(app, before.supervisor.pid);
  expect(pidsOf(after)).toEqual(pidsOf(before));
  await scales(app);
  process.kill(after.supervisor.pid, 'SIGKILL');
  await nextSupervisor(app, after.supervisor.pid);
  expect((await app.forge('upgrade')).code).toBe(0);
  await scales(app);

  await asking.reach(100);
  expect((await asking.stop()).failures).toEqual([]);
  expect(await ownOrigin(app)).toBe(origin);
});

test('an app without successor, started again, goes on with the port of its service', async () => {
  await using app = await startCopy(source, { OWN_PORT, SUCCESSOR: 'none' });
  const before = pidsOf(await statusOf(app));
  const origin = await ownOrigin(app);
  const asking = keepAsking(`${origin}/hello`);

  process.kill(app.pid, 'SIGKILL');
  await app.exited;
  expect((await app.forge('start', '--daemon')).code).toBe(0);
  expect(pidsOf(await statusOf(app))).toEqual(before);
  expect(await ownOrigin(app)).toBe(origin);
  expect((await app.forge('scale', 'hello', '3')).code).toBe(0);

  expect((await asking.stop()).failures).toEqual([]);
});

test('connections that were open before a scale-up come to the new worker of the port', async () => {
  await using app = await startCopy(source, { OWN_PORT });
  const before = pidsOf(await statusOf(app));
  await using connections = new KeptConnections(`${await ownOrigin(app)}/hello/1`, 16);

  expect((await app.forge('scale', 'hello', '3')).code).toBe(0);
  const [added = 0] = pidsOf(await statusOf(app)).filter((pid) => !before.includes(pid));
  await connections.reach(added);
});

test('the port goes on when every worker behind it has been killed', async () => {
  await using app = await startCopy(source, { OWN_PORT });
  const origin = await ownOrigin(app);
  const { services } = await statusOf(app);
  const workers = services.find(({ name }) => name === 'hello')?.workers ?? [];
  for (const { pid } of workers) process.kill(pid, 'SIGKILL');

  const response = await fetch(`${origin}/hello/1`);
  expect(response.status).toBe(200);
  expect(workers.map(({ pid }) => pid)).not.toContain(
    ((await response.json()) as { pid: number }).pid,
  );
});
