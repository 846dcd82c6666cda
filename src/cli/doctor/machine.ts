import { readdirSync, readFileSync, readlinkSync, statfsSync, statSync } from 'node:fs';
import { freemem } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { appFiles } from '../../protocol/app-files.ts';
import { bytes } from '../../protocol/units.ts';
import { readOpenFiles } from '../../supervisor/care/open-files.ts';
import { readCpu } from '../../supervisor/host/cpu.ts';
import { readMemory } from '../../supervisor/host/memory.ts';
import type { Finding } from './finding.ts';
import {
  type Inotify,
  judgeClock,
  judgeDisk,
  judgeFiles,
  judgeInotify,
  judgeMemory,
} from './judge.ts';

/** How the machine is for an app in this folder. */
export const examineMachine = async (folder: string): Promise<readonly Finding[]> => [
  // An older one does not come so far.
  { check: 'node', found: `${process.versions.node} at ${process.execPath}` },
  judgeFiles(readOpenFiles(process.pid)?.limit ?? Number.POSITIVE_INFINITY),
  judgeInotify(readInotify()),
  cores(),
  memory(),
  await clock(folder),
  disk(folder),
];

const boundBy = {
  machine: 'all that the machine has',
  quota: 'by the quota of a control group',
  cpuset: 'by a CPU set or an affinity',
} as const;

const cores = (): Finding => {
  const { cores: count, bound } = readCpu();
  return { check: 'cores', found: `${count}, ${boundBy[bound]}` };
};

const memory = (): Finding => {
  const { limitBytes, bound, usedBytes } = readMemory();
  const free = bytes(freemem());
  const room = usedBytes === undefined ? free : bytes(limitBytes - usedBytes);
  return judgeMemory({ limitBytes, bound, availableBytes: bytes(Math.min(free, room)) });
};

const lookMs = 200;

const clock = async (folder: string): Promise<Finding> => {
  const before = { wall: Date.now(), steady: performance.now() };
  await pause(lookMs);
  const passed = performance.now() - before.steady;
  const driftMs = Date.now() - before.wall - passed;
  const ours = [appFiles.history(folder), appFiles.state(folder)];
  const times = ours.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return judgeClock({ driftMs, aheadMs: Math.max(...times) - Date.now() });
};

const disk = (folder: string): Finding => {
  const { bavail, bsize, ffree, files } = statfsSync(folder);
  // A file system without inodes has no number of them either.
  const inodes = files === 0 ? Number.MAX_SAFE_INTEGER : ffree;
  return judgeDisk({ folder, freeBytes: bytes(bavail * bsize), inodes });
};

const readInotify = (): Inotify => {
  const limit = (name: string): number =>
    Number(attempt(() => readFileSync(`/proc/sys/fs/inotify/max_user_${name}`, 'utf8'), 'NaN'));
  return {
    watches: limit('watches'),
    instances: limit('instances'),
    usedInstances: usedInstances(),
  };
};

/** Of this user: the limit is one for all of a user's processes. */
const usedInstances = (): number => {
  const own = process.getuid?.();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => attempt(() => statSync(`/proc/${pid}`).uid === own, false))
    .flatMap((pid) =>
      attempt(() => readdirSync(`/proc/${pid}/fd`).map((fd) => `${pid}/fd/${fd}`), []),
    )
    .filter((fd) => attempt(() => readlinkSync(`/proc/${fd}`), '') === 'anon_inode:inotify').length;
};

/** Processes of other users, and those that end while we look, cannot be read. */
const attempt = <T>(read: () => T, otherwise: T): T => {
  try {
    return read();
  } catch {
    return otherwise;
  }
};
