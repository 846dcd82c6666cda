import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { noteSuffix, runFiles } from '../../protocol/worker/succession.ts';
import { endMarked, markVariable } from './marks.ts';
import { isAlive, type ProcessIdentity } from './process-start.ts';

/** What is in flight may take so long; then it is cut off. */
const leaveLimitMs = 3_000;

export type Orphan = {
  readonly runDir: string;
  readonly incarnation: string;
  /** Answers what is in flight and closes down. */
  readonly leave: () => Promise<void>;
};

/**
 * Ends this process, which has no supervisor any more, and all that it started: it takes its own
 * files along, and the last one takes those of the run.
 */
export const endOrphan = async ({ runDir, incarnation, leave }: Orphan): Promise<never> => {
  await Promise.race([leave(), after(leaveLimitMs)]);
  for (const suffix of ['.rpc.sock', '.http.sock', noteSuffix]) {
    rmSync(join(runDir, `${incarnation}${suffix}`), { force: true });
  }
  if (!hasOthers(runDir)) {
    for (const file of Object.values(runFiles)) rmSync(file(runDir, ''), { force: true });
  }
  await endMarked([process.env[markVariable] ?? '']);
  try {
    // It leads a process group of its own, this process included.
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    // Not started as a leader: then it has started nobody in its group.
  }
  process.exit(0);
};

const hasOthers = (runDir: string): boolean => {
  try {
    const names = readdirSync(runDir).filter((name) => name.endsWith(noteSuffix));
    return names.some((name) => isLiving(join(runDir, name)));
  } catch {
    // The directory is gone already.
    return false;
  }
};

const isLiving = (file: string): boolean => {
  try {
    if (isAlive(JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity)) return true;
  } catch {
    // Unreadable, or gone while we looked: it names nobody.
  }
  rmSync(file, { force: true });
  return false;
};
