import { readFileSync } from 'node:fs';

/**
 * When a process started, in kernel ticks: with the pid it names one process for good. Undefined
 * when it is gone; a zombie is gone, though `kill(pid, 0)` would say otherwise.
 */
export const processStart = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold spaces and brackets: count the fields after its last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    // No such process.
    return undefined;
  }
};

/** Signals a process that we started, and all that it started in its group. */
export const signalGroup = (pid: number, name: 'SIGTERM' | 'SIGKILL'): void => {
  try {
    process.kill(-pid, name);
  } catch {
    // The group is empty, which is what was wanted.
  }
};
