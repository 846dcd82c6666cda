import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const limitMs = 60_000;

/** Gives the disk back what a file holds before `end`; its size and the rest stay as they are. */
export const giveBack = async (file: string, end: number): Promise<void> => {
  const range = ['--offset', '0', '--length', String(end)];
  await run('fallocate', ['--punch-hole', ...range, file], { timeout: limitMs });
};
