import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
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
  checkContent(directory);
  const until = performance.now() + waitMs;
  let lock = await lockDirectory(directory);
  // The one that goes away tells nobody: it has to be looked at.
  while (lock === undefined && performance.now() < until) {
    await after(lookEveryMs);
    lock = await lockDirectory(directory);
  }
  if (lock === undefined) throw alreadyRunning(app, await pidOfOwner(directory));
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
/** Who has just taken it writes down within milliseconds who it is. */
const namedWithinMs = 500;

const pidOfOwner = async (directory: string): Promise<number | undefined> => {
  for (const until = performance.now() + namedWithinMs; performance.now() < until; ) {
    const owner = readOwner(directory);
    if (owner !== undefined) return owner.pid;
    await after(lookEveryMs);
  }
  return undefined;
};

/** Whoever may write into the directory could put sockets of his own there. */
const checkSafe = (directory: string): void => {
  const found = lstatSync(directory);
  if (!found.isDirectory()) throw runDirUnsafe(directory, 'it is no directory');
  if (found.uid !== process.getuid?.()) throw runDirUnsafe(directory, 'it belongs to another user');
};

/** What others put there while they could is believed as little as they are. */
const checkContent = (directory: string): void => {
  for (const name of readdirSync(directory)) {
    const found = lstatSync(join(directory, name), { throwIfNoEntry: false });
    if (found === undefined || found.uid === process.getuid?.()) continue;
    throw runDirUnsafe(directory, `${name} in it belongs to another user`);
  }
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
