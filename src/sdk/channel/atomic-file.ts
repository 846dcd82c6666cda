import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { draftSuffix } from '../../protocol/worker/succession.ts';

/**
 * Replaces a small file whole or not at all, whatever becomes of this process in between. It is not
 * forced onto the disk: what is said of processes is over when the machine goes down.
 */
export const writeAtomic = (file: string, content: string): void => {
  const draft = `${file}.${process.pid}${draftSuffix}`;
  writeFileSync(draft, content, { mode: 0o600 });
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
