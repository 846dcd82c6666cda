import type { ChildProcess } from 'node:child_process';
import { refused } from '../../protocol/errors.ts';
import { isShortage } from '../../sdk/channel/shortage.ts';
import type { Ending } from './running.ts';
import { noThreads } from './thread-shortage.ts';

/** How it ended for a process that never ran; of a shortage it is not to blame for, says so. */
export const notStarted = (error: unknown): Ending => {
  if (!isShortage(error)) return { reason: String(error) };
  const { code } = error as NodeJS.ErrnoException;
  return { reason: `the system has no room for another process (${code})`, isDenied: true };
};

const remedy = 'End other processes, or raise the limit (`ulimit -u`, `TasksMax`), and try again.';

/** Rejects for whoever waits for a process of his that cannot be started. */
export const cannotStart = (child: ChildProcess): Promise<never> =>
  new Promise((_, reject) => {
    child.once('error', (error) => reject(refused(capital(notStarted(error).reason), remedy)));
  });

/** For whoever waits for a Node program of his that got none. */
export const withoutThreads = (): Error => refused(capital(noThreads), remedy);

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
