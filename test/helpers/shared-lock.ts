import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './rpc.ts';

export type SharedLock = Disposable & { readonly path: string };

/** A pipe with one byte in it: whoever has read that has the lock, and blocks the others. */
export const makeSharedLock = (): SharedLock => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'lock');
  execFileSync('mkfifo', [path]);
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, '.');
  return {
    path,
    [Symbol.dispose]: () => {
      closeSync(descriptor);
      folder[Symbol.dispose]();
    },
  };
};
