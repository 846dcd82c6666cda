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

export type ProcessIdentity = { readonly pid: number; readonly started: string };

export const isAlive = ({ pid, started }: ProcessIdentity): boolean =>
  processStart(pid) === started;

export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  // This process is alive, so the kernel knows when it started.
  started: processStart(process.pid) ?? '',
});
