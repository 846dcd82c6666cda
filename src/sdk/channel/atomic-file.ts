import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
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

/** Undefined when there is no such file, or no JSON in it. */
export const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Absent, cut off, or not written by us: whoever reads it does without.
    return undefined;
  }
};
