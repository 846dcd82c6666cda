import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { noteSuffix, type ProcessNote, runFiles } from '../../protocol/worker/succession.ts';
import { writeAtomic } from './atomic-file.ts';

/** What a supervisor notes of each process that it starts, for the one that comes after it. */
export type Note = ProcessNote & {
  readonly workerId: string;
  readonly group: string;
  readonly services: readonly string[];
  readonly rpcPath: string;
  readonly httpPath: string;
  /** The port of its own that a command listens on. */
  readonly port?: number;
  readonly logFile: string;
  readonly startedAt: number;
  readonly restarts: number;
};

export const writeNote = (runDir: string, note: Note): void => {
  try {
    writeAtomic(runFiles.note(runDir, note.incarnation), JSON.stringify(note));
  } catch {
    // On a full disk the worker runs all the same; only a crash of ours would then leave it behind.
  }
};

/** What earlier supervisors noted; socket files that belong to no note are removed. */
export const readNotes = (runDir: string): readonly Note[] => {
  const names = readdirSync(runDir).filter((name) => name.endsWith(noteSuffix));
  const notes = names.flatMap((name) => {
    const note = readNote(join(runDir, name));
    if (note !== undefined) return [note];
    rmSync(join(runDir, name), { force: true });
    return [];
  });
  const kept = new Set(notes.map(({ incarnation }) => incarnation));
  for (const name of readdirSync(runDir)) {
    const incarnation = /^(\w+)\.(?:rpc|http)\.sock$/.exec(name)?.[1];
    if (incarnation !== undefined && !kept.has(incarnation)) {
      rmSync(join(runDir, name), { force: true });
    }
  }
  return notes;
};

const readNote = (file: string): Note | undefined => {
  try {
    const note = JSON.parse(readFileSync(file, 'utf8')) as Partial<Note>;
    // Written by a supervisor in one piece: the identity is what a forged or foreign file lacks.
    return typeof note.pid === 'number' && typeof note.started === 'string'
      ? (note as Note)
      : undefined;
  } catch {
    // Not readable as a note: then it names no process of ours.
    return undefined;
  }
};
