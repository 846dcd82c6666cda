import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { carriersOf, endMarked, markOf, markVariable } from '../../src/sdk/channel/marks.ts';
import { processStart } from '../../src/sdk/channel/process-start.ts';
import { unifiedCgroups } from '../../src/supervisor/host/cgroups.ts';
import { contain, containmentOf } from '../../src/supervisor/process/containment.ts';
import { launch } from '../../src/supervisor/process/launch.ts';
import { writeNote } from '../../src/supervisor/succession/notes.ts';
import { processesWith } from '../helpers/marked-processes.ts';
import { startShop } from './engine-app.ts';

const sleepers = resolve(import.meta.dirname, '../fixtures/processes/starts-sleepers.mjs');

type Started = AsyncDisposable & { readonly child: ChildProcess; readonly pid: number };

/** A process of nobody's, killed at the end. */
const start = async (command: readonly string[], env: object = {}): Promise<Started> => {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await once(child, 'spawn');
  return {
    child,
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
};

const childOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());

const identityOf = (pid: number) => ({ pid, started: processStart(pid) ?? '' });

const newMark = (): string => markOf({ runId: randomUUID(), incarnation: 'w1' });
const variable = (mark: string): object => ({ [markVariable]: mark });

test('the mark alone decides who is ended, and never the one who asks', () => {
  const found = [
    { pid: 1, started: '10', mark: 'run/w1' },
    { pid: 2, started: '11', mark: 'run/w10' },
    { pid: 3, started: '12', mark: 'other/w1' },
    { pid: 4, started: '13', mark: 'run/w1' },
  ];
  const pids = (marks: readonly string[], self: number) =>
    carriersOf(marks, found, self).map(({ pid }) => pid);
  expect(pids(['run/w1'], 99)).toEqual([1, 4]);
  expect(pids(['run/w1'], 4)).toEqual([1]);
  expect(pids(['run/w1', 'other/w1'], 99)).toEqual([1, 3, 4]);
  expect(pids([''], 99)).toEqual([]);
});

test('twenty processes in sessions of their own end by their mark, others of the run do not', async () => {
  const runId = randomUUID();
  const mark = markOf({ runId, incarnation: 'w1' });
  await using other = await start(
    ['sleep', '600'],
    variable(markOf({ runId, incarnation: 'w10' })),
  );
  await using worker = await start([process.execPath, sleepers], variable(mark));
  await once(worker.child.stdout ?? worker.child, 'data');
  const ended = once(worker.child, 'exit');
  worker.child.kill('SIGKILL');
  await ended;
  expect(processesWith(mark)).toHaveLength(21);

  await endMarked([mark]);

  expect(processesWith(runId)).toEqual([other.pid]);
  expect(other.child.exitCode).toBeNull();
});

test('what leaves its mark behind is held by the group of the kernel, where there can be one', async () => {
  const mark = newMark();
  await using worker = await start([
    'env',
    '-i',
    'sh',
    '-c',
    'read go; setsid sleep 600 & echo; wait',
  ]);
  const containment = await contain(mark, identityOf(worker.pid));
  worker.child.stdin?.write('go\n');
  await once(worker.child.stdout ?? worker.child, 'data');

  const child = childOf(worker.pid);

  const ended = once(worker.child, 'exit');
  await containment.end();
  if (containment.kind === 'marks') for (const pid of [worker.pid, child]) process.kill(pid);

  expect((await ended)[1]).toBe(containment.kind === 'cgroup' ? 'SIGKILL' : 'SIGTERM');
  expect(containment.kind === 'marks' || processStart(child) === undefined).toBe(true);
  const [own] = unifiedCgroups();
  expect(existsSync(join(own?.directory ?? '/none', `forge-${mark.split('/')[0]}`))).toBe(false);
});

test('a stranger who has the number of a process that ended is let go again', async () => {
  const mark = newMark();
  await using stranger = await start(['sleep', '600']);
  const before = readFileSync(`/proc/${stranger.pid}/cgroup`, 'utf8');

  const containment = await contain(mark, { pid: stranger.pid, started: '1' });
  await containment.end();

  expect(containment.kind).toBe('marks');
  expect(readFileSync(`/proc/${stranger.pid}/cgroup`, 'utf8')).toBe(before);
  expect(stranger.child.signalCode).toBeNull();
});

test('a process that could not be started has no group, and we are in none of its', async () => {
  const before = readFileSync('/proc/self/cgroup', 'utf8');
  const containment = await contain(newMark(), { pid: 0, started: '' });
  await containment.end();
  expect(containment.kind).toBe('marks');
  expect(readFileSync('/proc/self/cgroup', 'utf8')).toBe(before);
});

test('a mark that is none leads to no group', async () => {
  await using stranger = await start(['sleep', '600']);
  for (const mark of ['', '../w1', 'run/..', `${randomUUID()}/../..`]) {
    expect((await contain(mark, identityOf(stranger.pid))).kind).toBe('marks');
    await containmentOf(mark).end();
  }
  expect(stranger.child.signalCode).toBeNull();
});

test('a worker that is killed takes along all that it started', async () => {
  await using shop = await startShop({ users: { entry: './services/starts-sleepers.mjs' } });
  await shop.engine.settled();
  const [before] = shop.engine.services()[0]?.workers ?? [];
  expect(shop.processes()).toHaveLength(21);

  process.kill(before?.pid ?? 0, 'SIGKILL');
  await shop.until(() => shop.engine.services()[0]?.workers[0]?.restarts === 1);
  await shop.until(() => shop.statusOf('users') === 'ready');
  expect(shop.processes()).toHaveLength(21);

  await shop.engine.stop();
  expect(shop.processes()).toEqual([]);
});

test('the end of a process is told when all that it started is gone', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-'));
  const mark = newMark();
  const running = launch({
    args: [
      '--eval',
      "require('child_process').spawn('setsid', ['sleep', '600']); setTimeout(process.exit, 100, 3)",
    ],
    cwd: directory,
    mark,
    env: {},
    logFile: join(directory, 'log'),
    inherit: [],
    oomRank: 'worker',
  });
  expect(await running.exited).toEqual({ reason: 'exit code 3' });
  expect(processesWith(mark)).toEqual([]);
  rmSync(directory, { recursive: true });
});

const noteFor = (fields: object) => ({
  pid: 0,
  started: '',
  runId: randomUUID(),
  incarnation: 'w1',
  workerId: 'main#1',
  group: 'main',
  services: ['users'],
  rpcPath: '',
  httpPath: '',
  logFile: '',
  startedAt: 0,
  restarts: 0,
  ...fields,
});

test('what a dead worker of an earlier run left is ended when the app starts again', async () => {
  const runDir = mkdtempSync(join(tmpdir(), 'forge-run-'));
  const runId = randomUUID();
  const mark = markOf({ runId, incarnation: 'w1' });
  await using left = await start(['sleep', '600'], variable(mark));
  const ended = once(left.child, 'exit');
  writeNote(runDir, noteFor({ pid: 2 ** 22 + 1, started: '1', runId }));

  await using shop = await startShop({ users: { entry: './services/quiet.mjs' } }, { runDir });
  await ended;
  await shop.engine.stop();
  expect(processesWith(mark)).toEqual([]);
  rmSync(runDir, { recursive: true });
});

test('a stranger with the pid of a note is never touched', async () => {
  const runDir = mkdtempSync(join(tmpdir(), 'forge-run-'));
  await using stranger = await start(['setsid', 'sleep', '600']);
  const started = `${Number(processStart(stranger.pid)) - 1}`;
  writeNote(runDir, noteFor({ pid: stranger.pid, started }));

  await using shop = await startShop({ users: { entry: './services/quiet.mjs' } }, { runDir });
  await shop.engine.settled();
  await shop.engine.stop();

  expect(stranger.child.signalCode).toBeNull();
  expect(processStart(stranger.pid)).toBeDefined();
  rmSync(runDir, { recursive: true });
});

/** How often this process has read from a file so far. */
const reads = (): number =>
  Number(/^syscr: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);

test('what many workers that end at once have left is looked for together', async () => {
  const before = reads();
  await endMarked([newMark()]);
  const ofOne = reads() - before;

  await Promise.all(Array.from({ length: 50 }, () => endMarked([newMark()])));

  expect(reads() - before - ofOne).toBeLessThan(10 * ofOne);
});

test('who asks while others are looked for is not forgotten', async () => {
  const others = endMarked([newMark()]);
  // By now it has listed the processes, and is not done with looking at them.
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  const mark = newMark();
  await using left = await start(['sleep', '100'], variable(mark));
  await Promise.all([others, endMarked([mark])]);
  expect(processesWith(mark)).not.toContain(left.pid);
});
