import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { alreadyRunning, runDirUnsafe } from '../../protocol/start-errors.ts';
import { runFiles } from '../../protocol/worker/succession.ts';
import { writeAtomic } from '../../sdk/channel/atomic-file.ts';
import { isAlive, type ProcessIdentity, thisProcess } from '../../sdk/channel/process-start.ts';
import { lockDirectory } from '../process/directory-lock.ts';

/** Makes a run directory ours until disposed. */
export const claimRunDir = async (
  directory: string,
  { app, waitMs = 0 }: { readonly app: string; readonly waitMs?: number },
): Promise<Disposable> => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  checkSafe(directory);
  chmodSync(directory, 0o700);
  const until = performance.now() + waitMs;
  let lock = await lockDirectory(directory);
  // The one that goes away tells nobody: it has to be looked at.
  while (lock === undefined && performance.now() < until) {
    await after(lookEveryMs);
    lock = await lockDirectory(directory);
  }
  if (lock === undefined) throw alreadyRunning(app, readOwner(directory)?.pid ?? 0);
  const held = lock;
  writeAtomic(runFiles.owner(directory), JSON.stringify(thisProcess()));
  return {
    [Symbol.dispose]: () => {
      rmSync(runFiles.owner(directory), { force: true });
      held.close();
    },
  };
};

const lookEveryMs = 20;

/** Whoever may write into the directory could put sockets of his own there. */
const checkSafe = (directory: string): void => {
  const found = lstatSync(directory);
  if (!found.isDirectory()) throw runDirUnsafe(directory, 'it is no directory');
  if (found.uid !== process.getuid?.()) throw runDirUnsafe(directory, 'it belongs to another user');
};

/** The supervisor that lives in a run directory. */
export const readOwner = (directory: string): ProcessIdentity | undefined => {
  try {
    const owner = JSON.parse(readFileSync(runFiles.owner(directory), 'utf8')) as ProcessIdentity;
    return isAlive(owner) ? owner : undefined;
  } catch {
    // Absent or cut short by a crash: nobody lives here.
    return undefined;
  }
};
