import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { megabytes } from '../../../src/protocol/units.ts';
import { makeMemoryCgroup } from '../../helpers/limited-cgroup.ts';
import { prefer } from '../../helpers/preferred.ts';
import { pidsOf } from '../../helpers/status.ts';
import { ask, type Fault, free, tells, timed } from './fault.ts';
import type { FaultApp } from './fault-app.ts';
import { forkBomb, isAlone } from './forks.ts';
import { killAmidOrders } from './orders.ts';
import { isUnrouted, stoppedForAMoment } from './out-of-routes.ts';
import { targetClients } from './run-fault.ts';
import { withinBudget } from './supervisor-budget.ts';

/** A worker of the target goes wrong, which is told like this, and another takes its place. */
const replaced = (app: FaultApp, told: RegExp, harm: () => Promise<number>): Promise<void> =>
  tells(app, told, () =>
    timed(app, 'whole again after', async () => {
      const pid = await harm();
      await app.whole([pid]);
    }),
  );

const ended = (how: string): RegExp => new RegExp(`^target#\\d ended \\(${how}`);
const tooManyFiles = /^target#\d is replaced, since it has \d+ of \d+ files open$/;

type Wrong = { readonly kind: string; readonly told: RegExp };

const worker = (id: string, fault: string, { kind, told }: Wrong): Fault =>
  free(id, fault, (app) => replaced(app, told, () => app.order(kind)));

const death = (fault: Fault): Fault => ({ ...fault, killsWorker: true });

const killed = (id: string, signal: 'SIGKILL' | 'SIGSEGV'): Fault =>
  death(
    free(id, `worker ${signal}`, (app) =>
      replaced(app, ended(signal), async () => {
        const [pid = 0] = await app.pidsOf('target');
        process.kill(pid, signal);
        return pid;
      }),
    ),
  );

/** What it died of stands in the log with its stack. */
const thrown = (id: string, fault: string, { kind, told }: Wrong): Fault =>
  death(
    free(id, fault, async (app) => {
      await replaced(app, told, () => app.order(kind));
      const { stdout } = await app.forge('logs', 'target');
      const place = new RegExp(`at Target\\.${kind} \\(.*target\\.mjs:\\d+`);
      if (!place.test(stdout)) throw new Error(`its stack is not in the log: ${stdout}`);
    }),
  );

/** It does not answer: it gets no more requests, is told what it is at, and is replaced. */
const silent = (fault: Fault, told: RegExp, harm: (app: FaultApp) => Promise<number>): Fault => ({
  ...death(fault),
  // What is in flight there hangs until the worker is replaced, which is longer than a client waits.
  allowed: targetClients,
  inject: (app) =>
    replaced(app, told, async () => {
      const pid = await harm(app);
      await timed(app, 'out of the routes after', () => isUnrouted(app, pid));
      const routed = (await app.routesTo('target')).filter(({ draining }) => !draining);
      if (routed.length !== 1) throw new Error('it got requests until another had its place');
      return pid;
    }),
});

const blocked = (id: string, fault: string, { kind, told }: Wrong): Fault =>
  silent(
    free(id, fault, async () => undefined),
    told,
    async (app) => {
      // Their watchdogs start when they have come to rest.
      for (const pid of await app.pidsOf('target')) await isOlderThan(app, pid, 3_000);
      return app.order(kind);
    },
  );

const stackOf = (kind: string): RegExp =>
  new RegExp(`does not answer for .*\\b${kind} \\(.*target\\.mjs:\\d+`);

/** Where no group of the kernel can be had, the supervisor ends it for the same reason. */
const killedByKernel = async (app: FaultApp): Promise<void> => {
  using group = makeMemoryCgroup(megabytes(150));
  const before = pidsOf(await app.status());
  let pid = 0;
  await replaced(app, /^target#\d ended \((SIGKILL|memory of)/, async () => {
    pid = await app.order('hoard');
    if (group !== undefined) writeFileSync(join(group.directory, 'cgroup.procs'), String(pid));
    return pid;
  });
  const now = pidsOf(await app.status());
  if (before.some((one) => one !== pid && !now.includes(one))) throw new Error('others died too');
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

/** Neither worker ends by itself, and one has a request that it never answers. */
const endless = async (app: FaultApp): Promise<void> => {
  const before = await app.pidsOf('target');
  const asked = new Set<number>();
  while (asked.size < before.length) asked.add(await app.order('ignoresTerm'));
  const hanging = fetch(`${app.http}/own/hang`, { method: 'POST' });
  await timed(app, 'started anew, and the old ones ended, after', async () => {
    await app.apply({ kind: 'restart', service: 'target' });
    await app.until('the end of the old workers', async () =>
      before.some((pid) => app.processes().includes(pid)) ? undefined : true,
    );
  });
  const { status } = await hanging;
  if (status !== 503) throw new Error(`what was never answered got ${status}`);
  await app.whole();
};

/** What can happen to a worker, and to the build that it runs. */
export const workerFaults: readonly Fault[] = [
  killed('A1', 'SIGKILL'),
  death(
    free('A1b', 'worker SIGKILL, amid writes that are lost, and not done twice', (app) =>
      replaced(app, ended('SIGKILL'), () => killAmidOrders(app)),
    ),
  ),
  death(
    free('A2', 'worker SIGKILL, the only one of its service', async (app) => {
      // A request is held for two seconds, in which a machine that others fill may start nothing.
      prefer(app);
      await app.apply({ kind: 'scale', service: 'target', workers: 1 });
      const [pid = 0] = await app.pidsOf('target');
      process.kill(pid, 'SIGKILL');
      // It is held until the next worker is there.
      await timed(app, 'no answer for', () => ask(app, 1));
      await app.until('another worker', async () => {
        const now = await app.pidsOf('target');
        return now.length === 1 && !now.includes(pid) ? true : undefined;
      });
      await timed(app, 'a start takes', () =>
        app.apply({ kind: 'scale', service: 'target', workers: 2 }),
      );
      await app.whole();
    }),
  ),
  killed('A3', 'SIGSEGV'),
  death(worker('A3b', 'worker aborts', { kind: 'abort', told: ended('SIGABRT') })),
  death(
    worker('A4', 'worker out of memory (heap)', {
      kind: 'outOfMemory',
      told: ended('out of memory \\(heap\\)'),
    }),
  ),
  death(free('A5', 'worker out of memory (kernel)', killedByKernel)),
  thrown('A6', 'uncaught exception', {
    kind: 'uncaught',
    told: ended('exit code 1: Error: nobody catches this'),
  }),
  thrown('A6b', 'unhandled rejection', {
    kind: 'unhandled',
    told: ended('exit code 1: Error: nobody handles this'),
  }),
  thrown('A6e', 'stack that overflows', {
    kind: 'overflow',
    told: ended('exit code 1: RangeError: Maximum call stack size exceeded'),
  }),
  death(
    worker('A6c', 'worker exits 0 by itself', { kind: 'exitZero', told: ended('exit code 0') }),
  ),
  death(
    worker('A6d', 'worker exits 3 by itself', { kind: 'exitThree', told: ended('exit code 3') }),
  ),
  blocked('A7', 'endless loop', { kind: 'loop', told: stackOf('loop') }),
  silent(
    free('A7d', 'endless loop in the first second of a worker', async () => undefined),
    stackOf('loop'),
    async (app) => {
      const flag = join(app.directory, 'blocks');
      const before = await app.pidsOf('target');
      const [pid = 0] = before;
      writeFileSync(flag, '');
      process.kill(pid, 'SIGKILL');
      await app.whole([pid]).finally(() => rmSync(flag));
      return (await app.pidsOf('target')).find((one) => !before.includes(one)) ?? 0;
    },
  ),
  {
    ...blocked('A7b', 'regular expression without an end', {
      kind: 'backtrack',
      told: stackOf('backtrack'),
    }),
    isLong: true,
  },
  {
    ...blocked('A7c', 'one large document after the other is parsed', {
      kind: 'parse',
      // The parser of V8 lets nobody look.
      told: /does not answer for .*: (?:in native code|parse \()/,
    }),
    isLong: true,
  },
  worker('A9', 'worker leaks memory', {
    kind: 'leak',
    told: /^target#\d is replaced, since memory of \d+ MB is over 90 % of its limit/,
  }),
  free('A10', 'worker leaks open files', (app) =>
    replaced(app, tooManyFiles, async () => {
      const pid = await app.order('leakFiles');
      limitFiles(pid, 100);
      return pid;
    }),
  ),
  free('A10b', 'worker without descriptors', (app) =>
    replaced(app, tooManyFiles, async () => {
      const [pid = 0] = await app.pidsOf('target');
      await isOlderThan(app, pid, 3_000);
      limitFiles(pid, 10);
      return pid;
    }),
  ),
  death(
    free('A13', 'worker exits while it drains', async (app) => {
      await app.order('exitsWhileDraining');
      await app.order('exitsWhileDraining');
      await app.apply({ kind: 'restart', service: 'target' });
      await app.whole();
    }),
  ),
  free('A13b', 'worker ignores SIGTERM, and never answers a request', endless),
  free('A14', 'another service crashes in a loop', async (app) => {
    const flag = join(app.directory, 'loops');
    const [pid = 0] = await app.pidsOf('looper');
    const startedAt = new Date();
    writeFileSync(flag, '');
    process.kill(pid, 'SIGKILL');
    await isFailed(app, 'looper').finally(() => rmSync(flag));
    const told = await app.toldSince(startedAt);
    const ends = told.filter((text) => /^looper#\d+ ended/.test(text));
    const isGivenUp = ends.at(-1)?.endsWith('it is not started again');
    if (ends.length !== 5 || !isGivenUp) throw new Error(`told was: ${told.join('; ')}`);
    await app.apply({ kind: 'restart', service: 'looper' });
    await app.whole();
  }),
  death(
    free('A15', 'worker forks children and dies', async (app) => {
      await replaced(app, ended('SIGKILL'), () => app.order('forksAndDies'));
      await isAlone(app);
    }),
  ),
  free('A15b', 'worker whose children fork without end', forkBomb),
  free('A17', 'worker floods its output', (app) =>
    withinBudget(app, { memoryMb: 20 }, async () => {
      await app.order('flood');
      await ask(app, 500);
      await app.whole();
    }),
  ),
  silent(
    free('A18', 'worker SIGSTOP', async () => undefined),
    /its process is stopped/,
    async (app) => {
      const [pid = 0] = await app.pidsOf('target');
      process.kill(pid, 'SIGSTOP');
      return pid;
    },
  ),
  death(free('A18b', 'worker SIGSTOP for a moment', stoppedForAMoment)),
];
