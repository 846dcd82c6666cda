import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { corruptSuffix, draftSuffix } from '../../protocol/worker/succession.ts';
import { isShortage } from './shortage.ts';

/**
 * Replaces a small file whole or not at all, whatever becomes of this process in between. It is not
 * forced onto the disk: what is said of processes is over when the machine goes down.
 */
export const writeAtomic = (file: string, content: string): void => {
  const draft = `${file}.${process.pid}${draftSuffix}`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, file);
};

/** Far more than anything that is kept in such a file: it is not even read. */
const mostBytes = 16 * 1024 * 1024;

/** Undefined when there is no such file, or no JSON in it, or none can be read now. */
export const readJson = (file: string): unknown => {
  try {
    return readKept(file);
  } catch {
    // Whoever reads it does without.
    return undefined;
  }
};

/** The same for who would throw away what cannot be read: throws when the system has no descriptor. */
export const readKept = (file: string): unknown => {
  try {
    if (statSync(file).size > mostBytes) return undefined;
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (isShortage(error)) throw error;
    // Absent, cut off, or not written by us.
    return undefined;
  }
};

/** Nothing is thrown away: someone may still get something out of the file. Answers its name. */
export const setAside = (file: string): string => {
  const aside = `${file}${corruptSuffix}`;
  renameSync(file, aside);
  return basename(aside);
};
