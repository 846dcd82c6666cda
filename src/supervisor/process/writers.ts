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
export const hasWriter = (spool: string, identity: FileIdentity, held: HeldFiles): boolean =>
  isOwnerAlive(spool) || held.has(identity);

/**
 * The files that some process has as its stdout or stderr. All processes are looked at once, when it
 * is first asked: a reload leaves as many spools without an owner as there are workers.
 */
export class HeldFiles {
  #held: ReadonlySet<string> | undefined;

  /** This process has the supervisor's own, which is asked for again and again. */
  has(file: FileIdentity): boolean {
    const wanted = nameOf(file);
    if (filesOf('self').includes(wanted)) return true;
    this.#held ??= new Set(
      readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? filesOf(name) : [])),
    );
    return this.#held.has(wanted);
  }
}

const filesOf = (pid: string): readonly string[] => [1, 2].flatMap((fd) => fileAt(pid, fd));

const fileAt = (pid: string, fd: number): readonly string[] => {
  try {
    return [nameOf(statSync(`/proc/${pid}/fd/${fd}`))];
  } catch {
    // It has no such descriptor, has ended, or belongs to someone else.
    return [];
  }
};

const nameOf = ({ dev, ino }: FileIdentity): string => `${dev}:${ino}`;
