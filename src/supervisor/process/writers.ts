import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isAlive, processStart } from '../../sdk/channel/process-start.ts';

const noteOf = (spool: string): string => `${spool}.pid`;

/** Notes beside a spool whose output it is, so that a later supervisor can tell whether it lives. */
export const noteWriter = (spool: string, pid: number): void => {
  try {
    writeFileSync(noteOf(spool), `${pid} ${processStart(pid)}`, { mode: 0o600 });
  } catch {
    // On a full disk it goes without: `hasWriter` then looks for whoever holds the file.
  }
};

export const removeSpool = (spool: string): void => {
  rmSync(noteOf(spool), { force: true });
  rmSync(spool, { force: true });
};

/** The process that the spool was made for lives. */
export const isOwnerAlive = (spool: string): boolean => {
  try {
    const [pid = '', started = ''] = readFileSync(noteOf(spool), 'utf8').split(' ');
    return isAlive({ pid: Number(pid), started });
  } catch {
    // No note: the disk was full, the supervisor died at that very moment, or it is its own spool.
    return false;
  }
};

export type FileIdentity = { readonly dev: number; readonly ino: number };

/** Someone may still write the spool: its process, or one that this has started and left behind. */
export const hasWriter = (spool: string, identity: FileIdentity): boolean =>
  isOwnerAlive(spool) || isHeld(identity);

/** Some process has the file as its stdout or stderr; this one does with the supervisor's own. */
const isHeld = (file: FileIdentity): boolean =>
  isHeldBy('self', file) ||
  readdirSync('/proc').some((name) => /^\d+$/.test(name) && isHeldBy(name, file));

const isHeldBy = (pid: string, file: FileIdentity): boolean =>
  [1, 2].some((fd) => isFile(`/proc/${pid}/fd/${fd}`, file));

const isFile = (path: string, { dev, ino }: FileIdentity): boolean => {
  try {
    const stat = statSync(path);
    return stat.dev === dev && stat.ino === ino;
  } catch {
    // It has no such descriptor, has ended, or belongs to someone else.
    return false;
  }
};
