import { execFileSync } from 'node:child_process';

/** What a full disk does to a process: no file that it writes may grow beyond this size. */
export const limitFileSize = (pid: number, most: number | 'unlimited'): void => {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${most}:unlimited`]);
};
