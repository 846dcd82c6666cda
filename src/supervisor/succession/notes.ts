import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { decodeNote, type Note } from '../../protocol/worker/process-note.ts';
import { noteSuffix, runFiles } from '../../protocol/worker/succession.ts';
import { readKept, setAside, writeAtomic } from '../../sdk/channel/atomic-file.ts';
import { isAlive } from '../../sdk/channel/process-start.ts';

export const writeNote = (runDir: string, note: Note): void => {
  try {
    writeAtomic(runFiles.note(runDir, note.incarnation), JSON.stringify(note));
  } catch {
    // On a full disk the worker runs all the same; only a crash of ours would then leave it behind.
  }
};

/**
 * What supervisors noted of their processes, whether they live or not. Throws when one cannot be read
 * for want of a descriptor: its worker would be taken for a stranger, and replaced.
 */
export const readNotes = (runDir: string): readonly Note[] =>
  readdirSync(runDir)
    .filter((name) => name.endsWith(noteSuffix))
    .flatMap((name) => readNote(join(runDir, name)) ?? []);

/** Whether processes of a run are alive; a supervisor may look after them, or none. */
export const isRunning = (runDir: string): boolean => {
  try {
    return readNotes(runDir).some(isAlive);
  } catch {
    // There is no such directory.
    return false;
  }
};

/**
 * Removes the sockets that belong to none of these notes, and sets damaged notes aside, which it tells
 * in words. A worker whose note is damaged serves on until another has taken its place: its sockets
 * stay.
 */
export const sweep = (runDir: string, notes: readonly Note[]): readonly string[] => {
  const known = new Set(notes.map(({ incarnation }) => incarnation));
  const names = readdirSync(runDir);
  const noted = new Set(names.map((name) => noteName.exec(name)?.[1]));
  const isUnknown = (incarnation: string | undefined): boolean =>
    incarnation !== undefined && !known.has(incarnation);
  for (const name of names) {
    const incarnation = socketName.exec(name)?.[1];
    if (isUnknown(incarnation) && !noted.has(incarnation)) {
      rmSync(join(runDir, name), { force: true });
    }
  }
  return names
    .filter((name) => isUnknown(noteName.exec(name)?.[1]))
    .map((name) => {
      const aside = setAside(join(runDir, name));
      return `${name} cannot be read: its worker is replaced, see ${aside}`;
    });
};

const noteName = /^(\w+)\.process\.json$/;
const socketName = /^(\w+)\.(?:rpc|http)\.sock$/;

/** Of one that was removed meanwhile, or is no JSON, it names no process of ours. */
const readNote = (file: string): Note | undefined => decodeNote(readKept(file));
