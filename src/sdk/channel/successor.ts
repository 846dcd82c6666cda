import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, linkSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { spoolFile, supervisorName } from '../../protocol/logs.ts';
import {
  decodeSuccession,
  isPausing,
  runFiles,
  type Succession,
  withStart,
} from '../../protocol/worker/succession.ts';
import { readJson, writeAtomic } from './atomic-file.ts';
import type { HeldDescriptors } from './held-descriptors.ts';
import { setOomScore } from './oom-score.ts';
import { decodeIdentity, isAlive, type ProcessIdentity, thisProcess } from './process-start.ts';

type Orphaned = {
  readonly runDir: string;
  readonly orphanGraceMs: number;
  readonly held: HeldDescriptors;
  /** For how long it has had no supervisor. */
  readonly orphanedMs: number;
};

type Holder = Pick<Orphaned, 'runDir' | 'held'>;

/** So long one that does not hold all ports leaves it to those that do. */
const othersFirstMs = 1_000;

/**
 * Starts the next supervisor if the last one has died and nobody else is starting one. Whoever is
 * stopped on purpose has left no succession behind, and none is started.
 */
export const startSuccessor = ({ runDir, orphanGraceMs, held, orphanedMs }: Orphaned): void => {
  const succession = readSuccession(runDir);
  if (succession === undefined) return;
  if (isPausing(succession.starts, Date.now(), orphanGraceMs)) return;
  if (lacksOne(succession, held) && orphanedMs < othersFirstMs) return;
  // By their position they would be taken for others.
  if (succession.ports === undefined && held.ports.length !== succession.descriptors) return;
  const lock = runFiles.successionLock(runDir);
  if (isOwned(runDir) || !takeLock(lock)) return;
  // A supervisor that has come up since we looked has removed the lock that was in our way.
  if (isOwned(runDir)) rmSync(lock, { force: true });
  else launch(succession, { runDir, held });
};

/** Its group was not replaced when a reload opened a port: what the port is for has new workers. */
const lacksOne = ({ ports = [] }: Succession, held: HeldDescriptors): boolean =>
  held.of(ports).length < ports.length;

/** What the supervisor that has died left, and the copy of it. */
const filesOf = (runDir: string): readonly string[] => [
  runFiles.succession(runDir),
  runFiles.successionCopy(runDir),
];

const readSuccession = (runDir: string): Succession | undefined =>
  filesOf(runDir)
    .map((file) => decodeSuccession(readJson(file)))
    .find((succession) => succession !== undefined);

const isOwned = (runDir: string): boolean => {
  const owner = identityIn(runFiles.owner(runDir));
  return owner !== undefined && isAlive(owner);
};

const launch = (succession: Succession, orphaned: Holder): void => {
  const { runDir } = orphaned;
  noteStart(succession, runDir);
  try {
    const child = start(succession, orphaned);
    // It removes the lock itself once it is the supervisor; when it fails before, another may try.
    child.once('error', () => unlock(runDir));
    child.once('exit', () => unlock(runDir));
    child.unref();
  } catch {
    // It has no descriptor left, or no memory: another may try, or the same one later.
    unlock(runDir);
  }
};

const start = (succession: Succession, { held }: Holder): ChildProcess => {
  const [program = process.execPath, ...args] = succession.command;
  const stream = { worker: supervisorName, start: Date.now() };
  const log = openSync(spoolFile(succession.logs, stream), 'a', 0o600);
  try {
    // A supervisor of an earlier version names none, and knows them by their position.
    const ports = held.ports.filter((port) => succession.ports?.includes(port) ?? true);
    const child = spawn(program, [...args, ports.join()], {
      cwd: succession.cwd,
      env: { ...succession.env },
      detached: true,
      stdio: ['ignore', log, log, ...held.of(ports)],
    });
    if (succession.oomScore !== undefined && child.pid !== undefined) {
      setOomScore(child.pid, succession.oomScore);
    }
    return child;
  } finally {
    closeSync(log);
  }
};

const unlock = (runDir: string): void => {
  const file = runFiles.successionLock(runDir);
  // A supervisor that hands over ends too, and the next one holds the lock by then.
  if (identityIn(file)?.pid === process.pid) rmSync(file, { force: true });
};

/**
 * By who starts it: a supervisor that cannot even load notes nothing. A file that cannot be read stays
 * as it is, for the supervisor to set aside.
 */
const noteStart = (succession: Succession, runDir: string): void => {
  const starts = withStart(succession.starts, Date.now());
  const text = JSON.stringify({ ...succession, starts });
  try {
    for (const file of filesOf(runDir)) {
      if (decodeSuccession(readJson(file)) !== undefined) writeAtomic(file, text);
    }
  } catch {
    // On a full disk it is started uncounted.
  }
};

/**
 * A link appears with its content and only if there is none yet. A lock whose holder is gone is
 * taken away; the next try finds none.
 */
const takeLock = (file: string): boolean => {
  const own = `${file}.${process.pid}`;
  try {
    writeFileSync(own, JSON.stringify(thisProcess()), { mode: 0o600 });
    linkSync(own, file);
    return true;
  } catch {
    const holder = identityIn(file);
    if (holder !== undefined && !isAlive(holder)) rmSync(file, { force: true });
    return false;
  } finally {
    rmSync(own, { force: true });
  }
};

const identityIn = (file: string): ProcessIdentity | undefined => decodeIdentity(readJson(file));
