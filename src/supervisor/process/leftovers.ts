import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { processStart, signalGroup } from './identity.ts';

const suffix = '.pid';
const graceMs = 2_000;
const lookEveryMs = 20;

/** Notes a process that we started, so that a supervisor after a crash can end it. */
export const noteProcess = (runDir: string, name: string, pid: number): void => {
  try {
    writeFileSync(join(runDir, `${name}${suffix}`), `${pid} ${processStart(pid)}`, { mode: 0o600 });
  } catch {
    // On a full disk the worker runs all the same; only a crash of ours would then leave it behind.
  }
};

/**
 * Ends what a killed supervisor left running: its ingress would still hold the port. A pid that
 * belongs to someone else by now has another start time and is left alone.
 */
export const endLeftovers = async (runDir: string): Promise<void> => {
  const files = readdirSync(runDir).filter((name) => name.endsWith(suffix));
  await Promise.all(files.map((name) => end(join(runDir, name))));
  for (const name of readdirSync(runDir)) {
    if (/^w\d+\.(rpc|http)\.sock$/.test(name)) rmSync(join(runDir, name), { force: true });
  }
};

const end = async (file: string): Promise<void> => {
  const [pid = '', started] = readFileSync(file, 'utf8').split(' ');
  const lives = (): boolean => started !== undefined && processStart(Number(pid)) === started;
  const deadline = performance.now() + graceMs;
  if (lives()) signalGroup(Number(pid), 'SIGTERM');
  // A process that is not our child announces its end to nobody: it has to be looked at.
  while (lives() && performance.now() < deadline) await after(lookEveryMs);
  if (lives()) signalGroup(Number(pid), 'SIGKILL');
  while (lives()) await after(lookEveryMs);
  rmSync(file, { force: true });
};
