import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makePidsCgroup } from './limited-cgroup.ts';

/**
 * Leaves a process no room for another one until disposed. Root is limited by a group of the kernel
 * alone, anybody else by the limit of his own that he can always set.
 */
export const forbidProcesses = (pid: number): Disposable => {
  const group = makePidsCgroup(1);
  if (group === undefined) return limitOwn(pid);
  const enter = (directory: string): void =>
    writeFileSync(join(directory, 'cgroup.procs'), String(pid));
  enter(group.directory);
  return {
    [Symbol.dispose]: () => {
      enter(dirname(group.directory));
      group[Symbol.dispose]();
    },
  };
};

const limitOwn = (pid: number): Disposable => {
  const set = (most: string): Buffer =>
    execFileSync('prlimit', ['--pid', String(pid), `--nproc=${most}`]);
  set('1:');
  return { [Symbol.dispose]: () => void set('unlimited:') };
};
