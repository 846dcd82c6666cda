import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Status } from '../../src/protocol/metrics.ts';
import { type CopiedApp, startCopy } from '../helpers/app-copy.ts';

const source = 'test/fixtures/apps/hello';

const statusOf = async (app: CopiedApp): Promise<Status> =>
  JSON.parse((await app.forge('status', '--json')).stdout) as Status;

const pidsOf = ({ services }: Status): readonly number[] =>
  services.flatMap(({ workers }) => workers.map(({ pid }) => pid));

/** The status under the supervisor that comes after this one, when it has taken over. */
const nextSupervisor = async (app: CopiedApp, pid: number): Promise<Status> => {
  await app.forge('wait');
  const { stdout, code } = await app.forge('status', '--json');
  if (code !== 0) return nextSupervisor(app, pid);
  const status = JSON.parse(stdout) as Status;
  return status.supervisor.pid === pid ? nextSupervisor(app, pid) : status;
};

/** Asks one request after the other until told to stop; the answer is what failed. */
const keepAsking = (http: string): { readonly stop: () => Promise<readonly string[]> } => {
  const failures: string[] = [];
  let stopped = false;
  const ask = async (): Promise<void> => {
    for (let id = 1; !stopped; id += 1) {
      const response = await fetch(`${http}/hello/${id}`).catch((error) => String(error));
      if (typeof response === 'string') failures.push(response);
      else if (response.status !== 200) failures.push(`${response.status}`);
      else await response.text();
    }
  };
  const asked = Promise.all([ask(), ask(), ask(), ask()]);
  return {
    stop: async () => {
      stopped = true;
      await asked;
      return failures;
    },
  };
};

test('a killed supervisor comes back by itself, keeps every worker, and no request fails', async () => {
  await using app = await startCopy(source);
  const before = await statusOf(app);
  const asking = keepAsking(app.http);

  process.kill(before.supervisor.pid, 'SIGKILL');
  const after = await nextSupervisor(app, before.supervisor.pid);
  process.kill(after.supervisor.pid, 'SIGKILL');
  const last = await nextSupervisor(app, after.supervisor.pid);

  expect(pidsOf(last)).toEqual(pidsOf(before));
  expect(last.supervisor.adoptedWorkers).toBe(5);
  expect(last.services.map(({ status }) => status)).toEqual(['ready', 'ready']);
  expect(await asking.stop()).toEqual([]);
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
  const replaced = async (): Promise<Status> => {
    const status = await statusOf(app);
    const isWhole = status.services.every(
      ({ workers }) => workers.filter((worker) => worker.status === 'ready').length === 2,
    );
    return isWhole && !pidsOf(status).includes(victim) ? status : replaced();
  };
  expect(pidsOf(await replaced())).toHaveLength(4);
});

test('without a successor the workers end after their grace, and leave nothing behind', async () => {
  const env = { SUCCESSOR: 'none', ORPHAN_GRACE: '300ms', WITH_GRANDCHILD: 'yes' };
  await using app = await startCopy(source, env);
  expect(app.processes()).toHaveLength(8);

  process.kill(app.pid, 'SIGKILL');
  while (app.processes().length > 0) await app.exited;

  expect(readdirSync(app.env['FORGE_RUN_DIR'] ?? '')).toEqual([]);
});
