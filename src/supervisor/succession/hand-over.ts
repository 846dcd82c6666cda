import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { notReady } from '../../protocol/errors.ts';
import { runFiles } from '../../protocol/worker/succession.ts';
import { processStart } from '../../sdk/channel/process-start.ts';

export type HandOver = {
  /** The file of the next supervisor, perhaps of another installation. */
  readonly entry: string;
  readonly runDir: string;
  readonly cwd: string;
  readonly logFile: string;
  readonly descriptors: readonly number[];
};

/**
 * Starts the supervisor that is to take this one's place; resolves when it stands by. It waits for
 * the run directory, and holds the lock meanwhile, so that no worker starts another one.
 */
export const startNext = async (plan: HandOver): Promise<number> => {
  const log = openSync(plan.logFile, 'a', 0o600);
  const child = spawn(process.execPath, [plan.entry, plan.runDir], {
    cwd: plan.cwd,
    detached: true,
    stdio: ['ignore', 'pipe', log, ...plan.descriptors],
  });
  closeSync(log);
  const { stdout, pid = 0 } = child;
  if (stdout === null) throw new Error('the pipe that was asked for is missing');
  const failed = once(child, 'exit').then(([code]) => {
    throw notReady('The next supervisor', `it ended with ${code}, see \`forge logs supervisor\``);
  });
  await Promise.race([once(stdout, 'data'), failed]);
  failed.catch(() => undefined);
  const holder = JSON.stringify({ pid, started: processStart(pid) });
  writeFileSync(runFiles.successionLock(plan.runDir), holder, { mode: 0o600 });
  stdout.destroy();
  child.unref();
  return pid;
};
