import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { megabytes } from '../../../src/protocol/units.ts';
import { makeMemoryCgroup } from '../../helpers/memory-cgroup.ts';
import { pidsOf } from '../../helpers/status.ts';
import { ask, type Fault, free } from './fault.ts';
import type { FaultApp } from './fault-app.ts';
import { targetClients } from './run-fault.ts';

/** A worker of the target goes wrong by itself, and is replaced. */
const worker = (id: string, fault: string, kind: string): Fault =>
  free(id, fault, async (app) => {
    const pid = await app.order(kind);
    await app.whole([pid]);
  });

const death = (fault: Fault): Fault => ({ ...fault, killsWorker: true });

const signalled = (id: string, signal: 'SIGKILL' | 'SIGSEGV' | 'SIGSTOP'): Fault =>
  death(
    free(id, `worker ${signal}`, async (app) => {
      const [pid = 0] = await app.pidsOf('target');
      process.kill(pid, signal);
      await app.whole([pid]);
    }),
  );

/** Where no group of the kernel can be had, the supervisor ends it for the same reason. */
const killedByKernel = async (app: FaultApp): Promise<void> => {
  using group = makeMemoryCgroup(megabytes(150));
  const before = pidsOf(await app.status());
  const pid = await app.order('hoard');
  if (group !== undefined) writeFileSync(join(group.directory, 'cgroup.procs'), String(pid));
  const now = pidsOf(await app.whole([pid]));
  if (before.some((one) => one !== pid && !now.includes(one))) throw new Error('others died too');
};

/** Puts another build on disk, and the old one back. */
const withBuild = async (
  app: FaultApp,
  change: (code: string) => string,
  use: () => Promise<void>,
): Promise<void> => {
  const file = join(app.directory, 'services/target.mjs');
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, change(good));
  try {
    await use();
  } finally {
    writeFileSync(file, good);
  }
};

const refusedReload = async (app: FaultApp): Promise<void> => {
  const before = await app.pidsOf('target');
  const { code, stderr } = await app.forge('reload', 'target');
  if (code !== 3) throw new Error(`the reload ended with ${code}: ${stderr}`);
  const after = await app.pidsOf('target');
  if (after.join() !== before.join()) throw new Error('the old workers did not stay');
};

/** The most files that a process may have open, though it has more. */
const limitFiles = (pid: number, most: number): Buffer =>
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${most}:`]);

/** So old that the supervisor has looked at its files before. */
const isOlderThan = (app: FaultApp, pid: number, ageMs: number): Promise<true> =>
  app.until(`worker ${pid} to be ${ageMs} ms old`, async () => {
    const { services } = await app.status();
    const found = services.flatMap(({ workers }) => workers).find((worker) => worker.pid === pid);
    return Date.now() - Date.parse(found?.startedAt ?? '') < ageMs ? undefined : true;
  });

const isFailed = (app: FaultApp, service: string): Promise<true> =>
  app.until(`${service} to be failed`, async () => {
    const { services } = await app.status();
    return services.find(({ name }) => name === service)?.status === 'failed' ? true : undefined;
  });

/** What can happen to a worker, and to the build that it runs. */
export const workerFaults: readonly Fault[] = [
  signalled('A1', 'SIGKILL'),
  death(
    free('A2', 'worker SIGKILL, the only one of its service', async (app) => {
      await app.apply({ kind: 'scale', service: 'target', workers: 1 });
      const [pid = 0] = await app.pidsOf('target');
      process.kill(pid, 'SIGKILL');
      await app.until('another worker', async () => {
        const now = await app.pidsOf('target');
        return now.length === 1 && !now.includes(pid) ? true : undefined;
      });
      await app.apply({ kind: 'scale', service: 'target', workers: 2 });
      await app.whole();
    }),
  ),
  signalled('A3', 'SIGSEGV'),
  death(worker('A3b', 'worker aborts', 'abort')),
  death(worker('A4', 'worker out of memory (heap)', 'outOfMemory')),
  death(free('A5', 'worker out of memory (kernel)', killedByKernel)),
  death(worker('A6', 'uncaught exception', 'uncaught')),
  death(worker('A6b', 'unhandled rejection', 'unhandled')),
  death(worker('A6c', 'worker exits 0 by itself', 'exitZero')),
  // What is in flight there hangs until the worker is replaced, which is longer than a client waits.
  { ...death(worker('A7', 'endless loop', 'loop')), allowed: targetClients },
  worker('A9', 'worker leaks memory', 'leak'),
  free('A10', 'worker leaks open files', async (app) => {
    const pid = await app.order('leakFiles');
    limitFiles(pid, 100);
    await app.whole([pid]);
  }),
  free('A10b', 'worker without descriptors', async (app) => {
    const [pid = 0] = await app.pidsOf('target');
    await isOlderThan(app, pid, 3_000);
    limitFiles(pid, 10);
    await app.whole([pid]);
  }),
  free('A11', 'new build never becomes ready', (app) =>
    withBuild(
      app,
      (code) => code.replace('health() {', 'health() { return { status: "down" };'),
      () => refusedReload(app),
    ),
  ),
  free('A11b', 'new build throws at start', (app) =>
    withBuild(
      app,
      (code) => `throw new Error('bad build');\n${code}`,
      () => refusedReload(app),
    ),
  ),
  free('A11c', 'new build starts slowly', (app) =>
    withBuild(
      app,
      (code) =>
        code
          .replace('onStart({', 'async onStart({')
          .replace(
            'this.draining = draining;',
            'this.draining = draining; await new Promise((resolve) => setTimeout(resolve, 1500));',
          ),
      async () => {
        await app.apply({ kind: 'reload', service: 'target' });
        await app.whole();
      },
    ),
  ),
  death(
    free('A13', 'worker exits while it drains', async (app) => {
      await app.order('exitsWhileDraining');
      await app.order('exitsWhileDraining');
      await app.apply({ kind: 'restart', service: 'target' });
      await app.whole();
    }),
  ),
  free('A13b', 'worker ignores SIGTERM', async (app) => {
    await app.order('ignoresTerm');
    await app.order('ignoresTerm');
    await app.apply({ kind: 'restart', service: 'target' });
    await app.whole();
  }),
  free('A14', 'another service crashes in a loop', async (app) => {
    const flag = join(app.directory, 'loops');
    const [pid = 0] = await app.pidsOf('looper');
    writeFileSync(flag, '');
    process.kill(pid, 'SIGKILL');
    await isFailed(app, 'looper').finally(() => rmSync(flag));
    await app.apply({ kind: 'restart', service: 'looper' });
    await app.whole();
  }),
  {
    ...death(worker('A15', 'worker forks children and dies', 'forksAndDies')),
    inject: async (app) => {
      const pid = await app.order('forksAndDies');
      await app.whole([pid]);
      const { services } = await app.status();
      const known = services.flatMap(({ workers }) => workers).length;
      // The supervisor, the ingress and the workers; no sleeper.
      await app.until('the end of the sleepers', async () =>
        app.processes().length > known + 2 ? undefined : true,
      );
    },
  },
  free('A17', 'worker floods its output', async (app) => {
    await app.order('flood');
    await ask(app, 500);
    await app.whole();
  }),
  { ...signalled('A18', 'SIGSTOP'), allowed: targetClients },
];
