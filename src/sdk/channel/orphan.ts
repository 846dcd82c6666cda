import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import {
  corruptSuffix,
  draftSuffix,
  noteSuffix,
  type ProcessNote,
  runFiles,
} from '../../protocol/worker/succession.ts';
import { readJson } from './atomic-file.ts';
import { endMarked, endRun, markOf, markVariable, runOf } from './marks.ts';
import { decodeIdentity, isAlive } from './process-start.ts';

/** What is in flight may take so long; then it is cut off. */
const leaveLimitMs = 3_000;
/** A foreign process may take so long to end by itself. */
const foreignLimitMs = 3_000;
const lookEveryMs = 20;

export type Orphan = {
  readonly runDir: string;
  readonly incarnation: string;
  /** Answers what is in flight and closes down. */
  readonly leave: () => Promise<void>;
};

/**
 * Ends this process, which has no supervisor any more, and all that it started: it takes its own
 * files along, and the last one those of the run and the processes that know nothing of it.
 */
export const endOrphan = async ({ runDir, incarnation, leave }: Orphan): Promise<never> => {
  await Promise.race([leave(), after(leaveLimitMs)]);
  for (const suffix of ['.rpc.sock', '.http.sock', noteSuffix]) {
    rmSync(join(runDir, `${incarnation}${suffix}`), { force: true });
  }
  const others = livingIn(runDir);
  const isLast = others.every(({ note }) => note.isForeign);
  if (isLast) {
    for (const file of Object.values(runFiles)) rmSync(file(runDir, ''), { force: true });
    await Promise.all(others.map(endForeign));
  }
  const mark = process.env[markVariable] ?? '';
  // A worker that was told to leave, or crashed, when its supervisor was dead already left its own.
  await (isLast ? endRun(runOf(mark)) : endMarked([mark]));
  if (isLast) for (const file of leftIn(runDir)) rmSync(file, { force: true });
  try {
    // It leads a process group of its own, this process included.
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    // Not started as a leader: then it has started nobody in its group.
  }
  process.exit(0);
};

/**
 * What a supervisor was writing when it died, what it could not read, and the sockets of those who
 * could not remove theirs.
 */
const leftIn = (runDir: string): readonly string[] => {
  try {
    const isLeft = (name: string): boolean =>
      [draftSuffix, corruptSuffix, '.sock'].some((suffix) => name.endsWith(suffix));
    return readdirSync(runDir)
      .filter(isLeft)
      .map((name) => join(runDir, name));
  } catch {
    // The directory is gone already.
    return [];
  }
};

type Living = { readonly file: string; readonly note: ProcessNote };

const livingIn = (runDir: string): readonly Living[] => {
  try {
    const names = readdirSync(runDir).filter((name) => name.endsWith(noteSuffix));
    return names.flatMap((name) => living(join(runDir, name)));
  } catch {
    // The directory is gone already.
    return [];
  }
};

const living = (file: string): readonly Living[] => {
  // Of one that is unreadable, or gone while we looked, nothing is known: it names nobody.
  const note = readJson(file);
  const identity = decodeIdentity(note);
  if (identity !== undefined && isAlive(identity)) return [{ file, note: note as ProcessNote }];
  rmSync(file, { force: true });
  return [];
};

const endForeign = async ({ file, note }: Living): Promise<void> => {
  const deadline = performance.now() + foreignLimitMs;
  terminate(note);
  while (isAlive(note) && performance.now() < deadline) await after(lookEveryMs);
  await endMarked([markOf(note)]);
  // Takes the note away, unless another run has put one of its own there meanwhile.
  living(file);
};

/** It was started as the leader of a group of its own. */
const terminate = ({ pid }: ProcessNote): void => {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended meanwhile.
  }
};
