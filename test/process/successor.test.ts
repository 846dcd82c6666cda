import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { spoolDir } from '../../src/protocol/logs.ts';
import { runFiles } from '../../src/protocol/worker/succession.ts';
import { HeldDescriptors } from '../../src/sdk/channel/held-descriptors.ts';
import { startSuccessor } from '../../src/sdk/channel/successor.ts';

type Left = { readonly descriptors: number; readonly ports?: readonly number[] };

/** Whether a process that holds these ports starts what a supervisor left. */
const starts = (left: Left, orphanedMs: number, ports: readonly number[] = []): boolean => {
  const runDir = mkdtempSync(join(tmpdir(), 'forge-'));
  try {
    const rest = { version: 1, command: ['/bin/true'], cwd: runDir, env: {}, starts: [] };
    const file = runFiles.succession(runDir);
    writeFileSync(file, JSON.stringify({ ...rest, logs: runDir, ...left }));
    mkdirSync(spoolDir(runDir));
    const held = new HeldDescriptors(ports);
    startSuccessor({ runDir, orphanGraceMs: 60_000, held, orphanedMs });
    return JSON.parse(readFileSync(file, 'utf8')).starts.length > 0;
  } finally {
    rmSync(runDir, { recursive: true, force: true });
  }
};

test('who holds all ports starts the next supervisor at once, and who lacks one leaves it to those for a second', () => {
  const left = { descriptors: 1, ports: [4711] };
  expect(starts({ descriptors: 0, ports: [] }, 0)).toBe(true);
  expect(starts(left, 0)).toBe(false);
  expect(starts(left, 1_000)).toBe(true);
});

test('a supervisor of an earlier version, which knows ports by their position, is not given others', () => {
  expect(starts({ descriptors: 0 }, 0)).toBe(true);
  expect(starts({ descriptors: 1 }, 5_000)).toBe(false);
  expect(starts({ descriptors: 1 }, 5_000, [4711, 4712])).toBe(false);
});

test('who cannot start the next supervisor goes on, and leaves the lock to others', () => {
  const runDir = mkdtempSync(join(tmpdir(), 'forge-'));
  try {
    const file = runFiles.succession(runDir);
    const rest = { version: 1, command: ['/bin/true'], cwd: runDir, env: {}, starts: [] };
    // Its output cannot be opened, as when no descriptor is left.
    const left = { ...rest, logs: join(runDir, 'none'), descriptors: 0, ports: [] };
    writeFileSync(file, JSON.stringify(left));
    const orphaned = { runDir, orphanGraceMs: 60_000, orphanedMs: 0 };
    startSuccessor({ ...orphaned, held: new HeldDescriptors([]) });
    expect(existsSync(runFiles.successionLock(runDir))).toBe(false);
    expect(JSON.parse(readFileSync(file, 'utf8')).starts).toHaveLength(1);
  } finally {
    rmSync(runDir, { recursive: true, force: true });
  }
});
