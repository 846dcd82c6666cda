import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { decodeNote, type Note } from '../../protocol/worker/process-note.ts';
import { noteSuffix, runFiles } from '../../protocol/worker/succession.ts';
import { writeAtomic } from '../../sdk/channel/atomic-file.ts';
import { isAlive } from '../../sdk/channel/process-start.ts';

export const writeNote = (runDir: string, note: Note): void => {
  try {
    writeAtomic(runFiles.note(runDir, note.incarnation), JSON.stringify(note));
  } catch {
    // On a full disk the worker runs all the same; only a crash of ours would then leave it behind.
  }
};

/** What supervisors noted of their processes, whether they live or not. */
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
 * Removes the files that belong to none of these notes. A worker whose note is damaged serves on
 * until another has taken its place: its sockets stay.
 */
export const sweep = (runDir: string, notes: readonly Note[]): void => {
  const known = new Set(notes.map(({ incarnation }) => incarnation));
  const names = readdirSync(runDir);
  const noted = new Set(names.map((name) => noteName.exec(name)?.[1]));
  for (const name of names) {
    const incarnation = (noteName.exec(name) ?? socketName.exec(name))?.[1];
    if (incarnation === undefined || known.has(incarnation)) continue;
    if (socketName.test(name) && noted.has(incarnation)) continue;
    rmSync(join(runDir, name), { force: true });
  }
};

const noteName = /^(\w+)\.process\.json$/;
const socketName = /^(\w+)\.(?:rpc|http)\.sock$/;

const readNote = (file: string): Note | undefined => {
  try {
    return decodeNote(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // Removed meanwhile, or no JSON: then it names no process of ours.
    return undefined;
  }
};
