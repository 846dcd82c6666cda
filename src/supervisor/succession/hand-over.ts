import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { notReady, refused } from '../../protocol/errors.ts';
import { runFiles } from '../../protocol/worker/succession.ts';
import { processStart } from '../../sdk/channel/process-start.ts';
import { cannotStart } from '../process/not-started.ts';

export type HandOver = {
  /** The file of the next supervisor, perhaps of another installation. */
  readonly entry: string;
  readonly runDir: string;
  readonly cwd: string;
  readonly logFile: string;
  readonly descriptors: readonly number[];
  /** Processes hold other ports than these, so that by their position they would be mistaken. */
  readonly mustKnowPorts: boolean;
};

/** What a supervisor says that is told of descriptors by their ports. */
export const knowsPorts = 'knows ports';

/**
 * Ends at once, so that what it has started is a child of init or of the service manager: a unit's
 * main process must be one, or systemd does not wait for its end.
 */
const startOrphan = '"$@" &';

/**
 * Starts the supervisor that is to take this one's place; resolves with its pid when it stands by.
 * It waits for the run directory, and holds the lock meanwhile, so that no worker starts another.
 */
export const startNext = async (plan: HandOver): Promise<number> => {
  const log = openSync(plan.logFile, 'a', 0o600);
  const command = [process.execPath, plan.entry, plan.runDir, String(plan.descriptors.length)];
  const child = spawn('/bin/sh', ['-c', startOrphan, 'forge', ...command], {
    cwd: plan.cwd,
    detached: true,
    stdio: ['ignore', 'pipe', log, ...plan.descriptors],
  });
  closeSync(log);
  const { stdout } = child;
  if (stdout === null) throw new Error('the pipe that was asked for is missing');
  const said = Promise.race([once(stdout, 'data'), once(stdout, 'end')]);
  const [word] = await Promise.race([said, cannotStart(child)]);
  if (word === undefined) {
    throw notReady('The next supervisor', 'it ended, see `forge logs supervisor`');
  }
  const pid = Number(String(word).split(' ').at(-1));
  if (plan.mustKnowPorts && !String(word).includes(knowsPorts)) {
    // Asked to stop, it would take the run over first, and then stop that.
    process.kill(pid, 'SIGKILL');
    throw refused(
      'That version cannot go on with ports that a reload has opened or closed',
      'Stop the app, and start it with that version.',
    );
  }
  const holder = JSON.stringify({ pid, started: processStart(pid) });
  writeFileSync(runFiles.successionLock(plan.runDir), holder, { mode: 0o600 });
  stdout.destroy();
  return pid;
};
