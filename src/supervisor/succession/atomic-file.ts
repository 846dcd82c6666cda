import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { draftSuffix } from '../../protocol/worker/succession.ts';

/** Replaces a small file whole or not at all, whatever happens in between. */
export const writeAtomic = (file: string, content: string): void => {
  const draft = `${file}.${process.pid}${draftSuffix}`;
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    writeSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
};
