import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { alreadyRunning, runDirUnsafe } from '../../protocol/errors.ts';
import { runFiles } from '../../protocol/worker/succession.ts';
import { isAlive, type ProcessIdentity, thisProcess } from '../../sdk/channel/process-start.ts';
import { writeAtomic } from './atomic-file.ts';

/**
 * Makes a run directory ours until disposed. The lock is an abstract socket: the kernel gives it
 * to one process only and takes it back when that one dies, however it dies.
 */
export const claimRunDir = async (
  directory: string,
  { app, waitMs = 0 }: { readonly app: string; readonly waitMs?: number },
): Promise<Disposable> => {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  checkSafe(directory);
  chmodSync(directory, 0o700);
  const until = performance.now() + waitMs;
  let lock = await tryLock(directory);
  // The one that goes away tells nobody: it has to be looked at.
  while (lock === undefined && performance.now() < until) {
    await after(lookEveryMs);
    lock = await tryLock(directory);
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

const tryLock = (directory: string): Promise<Server | undefined> => {
  const { dev, ino } = statSync(directory);
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(`\0threadforge/${dev}/${ino}`, () => resolve(server.unref()));
  });
};

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
