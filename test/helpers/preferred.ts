import { setPriority } from 'node:os';
import type { RunningApp } from './forge.ts';

const ahead = -10;

/**
 * Lets an app's processes run before other programs, so that a busy machine is not what they wait
 * for; what they start inherits it. Without the right to it nothing changes.
 */
export const prefer = (app: Pick<RunningApp, 'processes'>): void => {
  for (const pid of app.processes()) {
    try {
      setPriority(pid, ahead);
    } catch {
      // Not root: the machine has to be quiet.
    }
  }
};
