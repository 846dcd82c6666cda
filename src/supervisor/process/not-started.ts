import type { ChildProcess } from 'node:child_process';
import { refused } from '../../protocol/errors.ts';
import type { Ending } from './running.ts';

/** Of the processes of a system, its memory, and the open files of this process and of all. */
const shortages: readonly unknown[] = ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE'];

/** How it ended for a process that never ran; of a shortage it is not to blame for, says so. */
export const notStarted = (error: unknown): Ending => {
  const { code } = error as NodeJS.ErrnoException;
  if (!shortages.includes(code)) return { reason: String(error) };
  return { reason: `the system has no room for another process (${code})`, isDenied: true };
};

const remedy = 'End other processes, or raise the limit (`ulimit -u`, `TasksMax`), and try again.';

/** Rejects for whoever waits for a process of his that cannot be started. */
export const cannotStart = (child: ChildProcess): Promise<never> =>
  new Promise((_, reject) => {
    child.once('error', (error) => reject(refused(capital(notStarted(error).reason), remedy)));
  });

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
