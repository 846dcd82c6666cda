import { readFileSync } from 'node:fs';

/**
 * When a process started, in kernel ticks: with the pid it names one process for good. Undefined
 * when it is gone; a zombie is gone, though `kill(pid, 0)` would say otherwise.
 */
export const processStart = (pid: number): string | undefined => {
  const fields = statOf(pid);
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
};

/** Somebody sent it SIGSTOP, or holds it in a debugger. */
export const isStopped = (pid: number): boolean => ['T', 't'].includes(statOf(pid)[0] ?? '');

/** Fields of /proc/PID/stat from the state on; none when there is no such process. */
const statOf = (pid: number): readonly string[] => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name may hold spaces and brackets: count the fields after its last bracket.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    // It has ended.
    return [];
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
