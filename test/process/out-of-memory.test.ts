import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { megabytes } from '../../src/protocol/units.ts';
import { markOf } from '../../src/sdk/channel/marks.ts';
import { exitReason } from '../../src/supervisor/process/exit-reason.ts';
import { launch } from '../../src/supervisor/process/launch.ts';
import { heapFlags } from '../../src/supervisor/process/memory-limit.ts';
import { makeMemoryCgroup } from '../helpers/limited-cgroup.ts';

const launcher = resolve(import.meta.dirname, '../fixtures/processes/launches-a-leak.ts');
const newMark = (): string => markOf({ runId: randomUUID(), incarnation: 'w1' });

const folder = (): Disposable & { readonly path: string } => {
  const path = mkdtempSync(join(tmpdir(), 'forge-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
};

test('a worker whose heap is full ends out of memory, and says that it was the heap [A4]', async () => {
  using directory = folder();
  const running = launch({
    args: [
      ...heapFlags(megabytes(96)),
      '--eval',
      'const kept = []; setInterval(() => { for (let i = 0; i < 1e4; i += 1) kept.push({ i }); })',
    ],
    cwd: directory.path,
    mark: newMark(),
    env: {},
    logFile: join(directory.path, 'log'),
    inherit: [],
    oomRank: 'worker',
  });
  expect(await running.exited).toEqual({ reason: 'out of memory (heap)' });
});

test('a worker that the kernel kills for want of memory says so, where groups can be made [A5]', async () => {
  using directory = folder();
  using group = makeMemoryCgroup(megabytes(256));
  const reason =
    group === undefined
      ? exitReason({ signal: 'SIGKILL', output: '', hasKernelKilled: true })
      : (
          await promisify(execFile)(process.execPath, [
            launcher,
            group.directory,
            directory.path,
            newMark(),
          ])
        ).stdout;
  expect(reason).toBe('out of memory (kernel)');
});

test('a worker that is killed by hand says nothing of memory', async () => {
  using directory = folder();
  const running = launch({
    args: ['--eval', 'setInterval(() => undefined, 1e9)'],
    cwd: directory.path,
    mark: newMark(),
    env: {},
    logFile: join(directory.path, 'log'),
    inherit: [],
    oomRank: 'worker',
  });
  running.signal('SIGKILL');
  expect(await running.exited).toEqual({ reason: 'SIGKILL' });
});
