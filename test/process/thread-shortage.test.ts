import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { crashReason } from '../../src/supervisor/process/crash-reason.ts';
import { endingOf } from '../../src/supervisor/process/exit-reason.ts';
import { lacksThreads, noThreads } from '../../src/supervisor/process/thread-shortage.ts';

test('a Node program has its threads as soon as it runs, and one thread alone that sleeps is none', async () => {
  const node = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1e6)']);
  const alone = spawn('sleep', ['1000']);
  try {
    await once(node.stdout, 'data');
    expect(lacksThreads(node.pid)).toBe(false);
    await expect.poll(() => lacksThreads(alone.pid)).toBe(true);
    expect(lacksThreads(undefined)).toBe(false);
  } finally {
    for (const child of [node, alone]) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
  }
});

test('a worker that was late for want of threads is not to blame, and that is its reason', () => {
  const ending = endingOf({ signal: 'SIGKILL', output: '', hasStarved: true });
  expect(ending).toEqual({ reason: noThreads, isDenied: true });
  const late = { status: 'starting', late: 'not ready within 30 s' } as const;
  const state = { ...late, crashes: [], restarts: 0, denials: 0 };
  const exited = { type: 'exited', at: 0, jitter: 0, reason: noThreads } as const;
  expect(crashReason(state, { ...exited, isDenied: true })).toBe(noThreads);
  expect(crashReason(state, exited)).toContain('not ready within 30 s');
});
