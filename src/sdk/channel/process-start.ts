import { readFileSync } from 'node:fs';
import { isOutOfDescriptors } from './descriptors.ts';

/**
 * When a process started, in kernel ticks: with the pid it names one process for good. Undefined
 * when it is gone; a zombie is gone, though `kill(pid, 0)` would say otherwise.
 */
export const processStart = (pid: number): string | undefined => startIn(statOf(pid));

const startIn = (fields: readonly string[]): string | undefined =>
  fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];

/** Somebody sent it SIGSTOP, or holds it in a debugger; undefined for want of a descriptor to look. */
export const isStopped = (pid: number): boolean | undefined => {
  try {
    // Of many processes it is asked again and again: nothing else of the line is cut out.
    return ['T', 't'].includes(readAfterName(pid).slice(0, 1));
  } catch (error) {
    return isOutOfDescriptors(error) ? undefined : false;
  }
};

/** Fields of /proc/PID/stat from the state on; none when there is no such process. */
export const statOf = (pid: number): readonly string[] => {
  try {
    return readStat(pid);
  } catch {
    // It has ended.
    return [];
  }
};

const readStat = (pid: number): readonly string[] => readAfterName(pid).split(' ');

/** The command name may hold spaces and brackets: what counts comes after its last bracket. */
const readAfterName = (pid: number): string => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2);
};

export type ProcessIdentity = { readonly pid: number; readonly started: string };

/** Undefined for what names no process, as the rest of a damaged file. */
export const decodeIdentity = (value: unknown): ProcessIdentity | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, started } = value as Partial<ProcessIdentity>;
  return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : undefined;
};

/** What was read from a damaged file names nobody: nobody's start is that of a process that is gone. */
export const isAlive = ({ pid, started }: ProcessIdentity): boolean =>
  typeof started === 'string' && processStart(pid) === started;

/** It surely is: one that cannot be looked at, for want of a descriptor, may live. */
export const isGone = ({ pid, started }: ProcessIdentity): boolean => {
  try {
    return startIn(readStat(pid)) !== started;
  } catch (error) {
    return !isOutOfDescriptors(error);
  }
};

export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  // This process is alive, so the kernel knows when it started.
  started: processStart(process.pid) ?? '',
});
