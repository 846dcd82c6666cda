import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { withDescriptors } from '../../sdk/channel/descriptors.ts';
import { endMarked } from '../../sdk/channel/marks.ts';
import { type ProcessIdentity, processStart } from '../../sdk/channel/process-start.ts';
import { unifiedCgroups } from '../host/cgroups.ts';

/** What holds together a process and all that it starts, so that all of it can be ended. */
export type Containment = {
  /** A group of the kernel's, which nobody leaves by himself, or only the mark. */
  readonly kind: 'cgroup' | 'marks';
  /** Kills what is left of it. */
  readonly end: () => Promise<void>;
};

const lookEveryMs = 5;
const mostLooks = 200;

/**
 * Puts a process that has just been started, and carries this mark, into a group of its own. The
 * kernel may take tens of milliseconds for that on a busy machine, hence not in the event loop.
 */
export const contain = async (mark: string, process: ProcessIdentity): Promise<Containment> => {
  const folder = folderOf(mark);
  // The kernel takes 0 for the one who asks.
  if (folder === undefined || process.pid <= 0) return byMark(mark);
  try {
    if (!existsSync(dirname(folder))) removeEmpty(dirname(dirname(folder)));
    mkdirSync(folder, { recursive: true });
    if (!existsSync(join(folder, 'cgroup.kill'))) throw new Error('the kernel is older than 5.14');
    await enter(folder, process);
    return byGroup(folder, mark);
  } catch {
    // Not permitted, as in most containers, or not known to the kernel, or the process is gone.
    remove(folder);
    return byMark(mark);
  }
};

/** What holds a process that an earlier supervisor started. */
export const containmentOf = (mark: string): Containment => {
  const folder = folderOf(mark);
  return folder !== undefined && existsSync(folder) ? byGroup(folder, mark) : byMark(mark);
};

/** If it ended meanwhile, its number may be a stranger's by now, who has no business in there. */
const enter = async (folder: string, { pid, started }: ProcessIdentity): Promise<void> => {
  await writeFile(join(folder, 'cgroup.procs'), String(pid));
  const now = processStart(pid);
  if (now === undefined || now === started) return;
  await writeFile(join(dirname(dirname(folder)), 'cgroup.procs'), String(pid));
  throw new Error('the process has ended');
};

const byMark = (mark: string): Containment => ({ kind: 'marks', end: () => endMarked([mark]) });

/** What was started before the process was in the group carries the mark. */
const byGroup = (folder: string, mark: string): Containment => ({
  kind: 'cgroup',
  end: async () => {
    try {
      await withDescriptors(() => writeFileSync(join(folder, 'cgroup.kill'), '1'));
    } catch {
      // Somebody removed the empty group: then there is nobody in it.
    }
    await endMarked([mark]);
    // A group can be removed as soon as the last of its processes is gone.
    for (let look = 0; look < mostLooks && !remove(folder); look += 1) await after(lookEveryMs);
  },
});

/** The folder of a mark below our own group: `forge-RUN/INCARNATION`. */
const folderOf = (mark: string): string | undefined => {
  const [own] = unifiedCgroups();
  const [, run, incarnation] = /^([\w-]+)\/(\w+)$/.exec(mark) ?? [];
  if (own === undefined || run === undefined || incarnation === undefined) return undefined;
  const home = leaveWorker(own.directory, `forge-${run}`);
  return home === undefined ? undefined : join(home, `forge-${run}`, incarnation);
};

/** A worker starts the next supervisor, which must not end together with that worker. */
const leaveWorker = (own: string, run: string): string | undefined => {
  const at = own.indexOf(`/${run}/`);
  if (at < 0) return own;
  const home = own.slice(0, at);
  try {
    writeFileSync(join(home, 'cgroup.procs'), String(process.pid));
    return home;
  } catch {
    // We may not leave: then that group must not be killed as a whole.
    return undefined;
  }
};

/** Whether the group is gone; the run's own goes with the last one in it. */
const remove = (folder: string): boolean => {
  if (existsSync(folder) && !isRemoved(folder)) return false;
  isRemoved(dirname(folder));
  return true;
};

/** Takes away what runs left whose last worker outlived its supervisor. */
const removeEmpty = (home: string): void => {
  for (const run of foldersIn(home).filter((name) => runFolder.test(name))) {
    for (const incarnation of foldersIn(join(home, run))) isRemoved(join(home, run, incarnation));
    isRemoved(join(home, run));
  }
};

const runFolder = /^forge-[0-9a-f]{8}-[0-9a-f-]{27}$/;

const foldersIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  } catch {
    // Another supervisor was faster.
    return [];
  }
};

const isRemoved = (folder: string): boolean => {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    // Still in use.
    return false;
  }
};
