import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { ActionRequest } from '../../../src/protocol/action.ts';
import type { Status } from '../../../src/protocol/metrics.ts';
import { spoken } from '../../../src/protocol/topology.ts';
import { runFiles } from '../../../src/protocol/worker/succession.ts';
import { forbidProcesses } from '../../helpers/process-limit.ts';
import { residentMb } from '../../helpers/process-usage.ts';
import { ask, type Fault, free, tells, timed } from './fault.ts';
import { type FaultApp, pathIn } from './fault-app.ts';

/** Kills the supervisor, and waits for the next one to be whole with the same workers. */
export const afterSupervisor = async (app: FaultApp, meanwhile: () => void): Promise<void> => {
  const { supervisor } = await app.status();
  await keepsWorkers(app, async () => {
    process.kill(supervisor.pid, 'SIGKILL');
    meanwhile();
    await timed(app, 'all taken over after', () => app.whole());
  });
};

const keepsWorkers = async (app: FaultApp, use: () => Promise<void>): Promise<void> => {
  const before = await app.pidsOfAll();
  await use();
  const now = await app.pidsOfAll();
  if (now.join() !== before.join()) throw new Error('workers were started anew');
};

/** Every worker of the app is another one then, and those from before are not kept any longer. */
const replaced = async (app: FaultApp, before: readonly number[]): Promise<void> => {
  await app.whole(before);
  await app.until('the end of the workers from before', async () =>
    before.some((pid) => app.processes().includes(pid)) ? undefined : true,
  );
};

/** What the supervisor noted of some worker. */
const noteOfWorker = ({ runDir }: FaultApp): object => {
  const name = readdirSync(runDir).find((file) => file.endsWith('.process.json')) ?? '';
  return JSON.parse(readFileSync(join(runDir, name), 'utf8'));
};

/** Leaves the supervisor no descriptor to open another file with. */
const withoutDescriptors = async (app: FaultApp, use: () => Promise<void>): Promise<void> => {
  const { supervisor } = await app.status();
  const limit = (most: number): Buffer =>
    execFileSync('prlimit', ['--pid', String(supervisor.pid), `--nofile=${most}:`]);
  limit(20);
  await use();
  limit(1_024);
};

/** What an operator may ask of a supervisor, which takes another process. */
const wishes = [['scale', 'target', '3'], ['reload'], ['upgrade']] as const;

const isRefused = async (app: FaultApp, wish: readonly string[]): Promise<void> => {
  const { code, stderr } = await app.forge(...wish);
  const isTold = /the system has no room for another process \(EAGAIN\)/i.test(stderr);
  if (code === 0 || !isTold) throw new Error(`${wish.join(' ')} ended with ${code}: ${stderr}`);
};

/** What was tried in vain meanwhile is no crash of the worker, and is told once. */
const withoutRoom = async (app: FaultApp): Promise<void> => {
  const before = await app.status();
  const { id, pid, restarts } = workerOf(before, 'target');
  const startedAt = new Date();
  {
    using _full = forbidProcesses(before.supervisor.pid);
    process.kill(pid, 'SIGKILL');
    // Longer than a worker lasts that crashes at each start.
    for (const wish of wishes) await isRefused(app, wish);
  }
  await timed(app, 'whole again after', () => app.whole([pid]));
  // Another one may be due to be replaced meanwhile, and is told of as well.
  const told = (await app.toldSince(startedAt)).filter((text) => text.startsWith(`${spoken(id)} `));
  const wanted = [
    /ended \(SIGKILL\); it is started again$/,
    /cannot be started: the system has no room for another process \(EAGAIN\); it is tried again/,
    /is ready again$/,
  ];
  const isTold =
    told.length === wanted.length && wanted.every((each, at) => each.test(told[at] ?? ''));
  if (!isTold) throw new Error(`told was: ${told.join('; ')}`);
  const { services } = await app.status();
  const workers = services.flatMap((service) => service.workers);
  const counted = workers.find((worker) => worker.id === id);
  if (counted?.restarts !== restarts + 1) {
    throw new Error(`it counted ${restarts} restarts, and then ${counted?.restarts}`);
  }
};

const workerOf = (status: Status, service: string) => {
  const found = status.services.find(({ name }) => name === service)?.workers[0];
  if (found === undefined) throw new Error(`${service} has no worker`);
  return found;
};

/** It hears and says nothing meanwhile. */
const stopped = (
  app: FaultApp,
  meanwhile: (pids: readonly number[]) => Promise<void>,
): Promise<void> =>
  keepsWorkers(app, async () => {
    const { supervisor } = await app.status();
    const pids = await app.pidsOfAll();
    process.kill(supervisor.pid, 'SIGSTOP');
    await meanwhile(pids).finally(() => process.kill(supervisor.pid, 'SIGCONT'));
    await app.whole();
  });

const amid = {
  reload: { kind: 'reload', service: 'target' },
  restart: { kind: 'restart', service: 'target' },
  scale: { kind: 'scale', service: 'target', workers: 4 },
  split: { kind: 'colocate', service: 'target', with: ['front'] },
} as const satisfies Readonly<Record<string, ActionRequest>>;

/** An action takes about so long. */
const actionMs = 1_000;

/** Done or not: back to how it was. An action is refused while the next supervisor settles. */
const asBefore = (app: FaultApp): Promise<true> =>
  app.until('the layout from before', async () => {
    const { services } = await app.status();
    const target = services.find(({ name }) => name === 'target');
    const isAlone = target?.colocatedWith.length === 0;
    const request: ActionRequest = isAlone
      ? { kind: 'scale', service: 'target', workers: 2 }
      : { kind: 'split', service: 'target' };
    return await app.apply(request).then(
      () => (isAlone ? true : undefined),
      () => undefined,
    );
  });

/** The action is done or it is not, and the journal knows; nothing of it is left half done. */
const killedAmid = async (app: FaultApp, what: keyof typeof amid): Promise<void> => {
  const { supervisor } = await app.status();
  const acting = app.apply(amid[what]).catch(() => undefined);
  await after(Math.random() * actionMs);
  process.kill(supervisor.pid, 'SIGKILL');
  await acting;
  await timed(app, 'the action at its end after', () => app.settled());
  await asBefore(app);
  const { services } = await app.whole();
  const workers = services.flatMap((service) => service.workers).length;
  // The supervisor and the ingress; what the action had begun is not there a second time.
  await app.until(`${workers} workers and 2 more to run`, async () =>
    app.processes().length === workers + 2 ? true : undefined,
  );
};

/** Another supervisor goes on. */
export const death = (id: string, fault: string, inject: Fault['inject']): Fault => ({
  ...free(id, fault, inject),
  takesSupervisor: true,
});

/** What can happen to the supervisor. */
export const supervisorFaults: readonly Fault[] = [
  death('B1', 'supervisor SIGKILL', (app) => afterSupervisor(app, () => undefined)),
  {
    ...death('B2', 'supervisor SIGKILL, and a worker dies meanwhile', async (app) => {
      const { supervisor } = await app.status();
      const [pid = 0] = await app.pidsOf('target');
      await tells(app, /; target#\d ended while there was no supervisor$/, async () => {
        process.kill(supervisor.pid, 'SIGKILL');
        process.kill(pid, 'SIGKILL');
        await timed(app, 'whole again after', () => app.whole([pid]));
      });
    }),
    killsWorker: true,
  },
  free('B3', 'supervisor SIGHUP', async (app) => {
    const { supervisor, services } = await app.status();
    process.kill(supervisor.pid, 'SIGHUP');
    await ask(app, 200);
    await replaced(
      app,
      services.flatMap(({ workers }) => workers.map(({ pid }) => pid)),
    );
  }),
  ...(['reload', 'restart', 'scale', 'split'] as const).map((kind) =>
    death(`B5-${kind}`, `supervisor SIGKILL in the middle of a ${kind}`, (app) =>
      killedAmid(app, kind),
    ),
  ),
  death('B7', 'supervisor SIGKILL with corrupt notes and owner file', (app) =>
    tells(app, /^w99\.process\.json cannot be read: /, () =>
      afterSupervisor(app, () => {
        writeFileSync(pathIn(app, 'w99.process.json'), '{"pid": 1, "star');
        writeFileSync(pathIn(app, 'w97.process.json'), '{"pid": 2, "started": "1"}');
        writeFileSync(runFiles.owner(app.runDir), '\0\0\0');
      }),
    ),
  ),
  death('B9', 'supervisor SIGKILL, and a pid is reused by a stranger', async (app) => {
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
    const ended = once(stranger, 'exit');
    const earlier = { ...noteOfWorker(app), runId: 'earlier', incarnation: 'w98' };
    const reused = { ...earlier, pid: stranger.pid };
    await afterSupervisor(app, () =>
      writeFileSync(pathIn(app, 'w98.process.json'), JSON.stringify(reused)),
    );
    if (stranger.exitCode !== null || stranger.signalCode !== null) {
      throw new Error('a process that is not ours was ended');
    }
    stranger.kill('SIGKILL');
    await ended;
  }),
  {
    ...free('B11', 'supervisor without descriptors, and a worker dies', async (app) => {
      const [pid = 0] = await app.pidsOf('target');
      await withoutDescriptors(app, async () => {
        process.kill(pid, 'SIGKILL');
        await ask(app, 500);
      });
      await app.whole([pid]);
    }),
    killsWorker: true,
  },
  {
    ...free('B11c', 'supervisor that can start no process, and a worker dies', withoutRoom),
    killsWorker: true,
  },
  death('B11b', 'supervisor without descriptors after the death of another', async (app) => {
    await afterSupervisor(app, () => undefined);
    await keepsWorkers(app, async () => {
      // Adopted workers are looked at every second.
      await withoutDescriptors(app, () => ask(app, 600));
      await app.whole();
    });
  }),
  free('B12', 'supervisor SIGSTOP', (app) => stopped(app, () => ask(app, 200))),
  {
    ...free('B12b', 'supervisor SIGSTOP for half a minute', (app) =>
      stopped(app, async (pids) => {
        const before = pids.map(residentMb);
        await after(30_000);
        pids.forEach((pid, index) => {
          app.note('a worker more memory, MB', residentMb(pid) - (before[index] ?? 0));
        });
      }),
    ),
    isLong: true,
  },
  death('B14', 'supervisor upgrade', (app) =>
    keepsWorkers(app, async () => {
      const { code, stderr } = await app.forge('upgrade');
      if (code !== 0) throw new Error(stderr);
      await app.whole();
    }),
  ),
];
