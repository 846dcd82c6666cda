import { setTimeout as after } from 'node:timers/promises';
import { supervisorHangs } from '../../protocol/start-errors.ts';
import { isAlive, type ProcessIdentity } from '../../sdk/channel/process-start.ts';

const lookEveryMs = 20;

/** Has a supervisor that nobody can talk to stop its app, and waits until it is gone. */
export const endOwner = async (owner: ProcessIdentity, withinMs: number): Promise<void> => {
  const until = performance.now() + withinMs;
  if (isAlive(owner)) process.kill(owner.pid, 'SIGTERM');
  while (isAlive(owner)) {
    if (performance.now() >= until) throw supervisorHangs(owner.pid, withinMs);
    await after(lookEveryMs);
  }
};
