import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as after, setImmediate as nextTurn } from 'node:timers/promises';
import { isOutOfDescriptors, withDescriptors } from './descriptors.ts';
import { isAlive, type ProcessIdentity, processStart } from './process-start.ts';

/** A variable that a worker finds in its environment, and that everything inherits which it starts. */
export const markVariable = 'FORGE_RUN';

/** Names one incarnation of a worker for good: no other process of any run has the same. */
export const markOf = (of: { readonly runId: string; readonly incarnation: string }): string =>
  `${of.runId}/${of.incarnation}`;

export type Marked = ProcessIdentity & { readonly mark: string };

const lookEveryMs = 10;
/** A machine may have thousands of processes, and whoever looks has other things to do. */
const looksPerTurn = 64;
/** Somebody may fork faster than we look, or hang in the kernel: it must not hold us up for ever. */
const mostLooks = 100;

/** Who of these is to end: all that carry one of the marks, but never the one who asks. */
export const carriersOf = (
  marks: readonly string[],
  found: readonly Marked[],
  self: number,
): readonly Marked[] => found.filter(({ pid, mark }) => pid !== self && marks.includes(mark));

/** Kills all that carries one of these marks, looking again until there is nothing. */
export const endMarked = (marks: readonly string[]): Promise<void> => endCarriers(() => marks);

/** The same for all that any process of a run started, whoever of them is still there. */
export const endRun = (runId: string): Promise<void> =>
  endCarriers((found) => found.map(({ mark }) => mark).filter((mark) => runOf(mark) === runId));

/** The run of a mark. */
export const runOf = (mark: string): string => mark.slice(0, mark.lastIndexOf('/'));

const endCarriers = async (
  marksIn: (found: readonly Marked[]) => readonly string[],
): Promise<void> => {
  for (let look = 0; look < mostLooks; look += 1) {
    const found = await lookTogether();
    const carriers = carriersOf(marksIn(found), found, process.pid);
    if (carriers.length === 0) return;
    for (const carrier of carriers) if (isAlive(carrier)) kill(carrier.pid);
    await after(lookEveryMs);
  }
};

let lookNow: Promise<unknown> = Promise.resolve();
let lookNext: Promise<readonly Marked[]> | undefined;

/** The next look serves all who ask before it begins: hundreds may end within a second. */
const lookTogether = (): Promise<readonly Marked[]> => {
  lookNext ??= lookNow.then(begin, begin);
  return lookNext;
};

const begin = (): Promise<readonly Marked[]> => {
  const look = withDescriptors(findMarked);
  lookNow = look;
  lookNext = undefined;
  return look;
};

/** Every process of ours that carries a mark. */
const findMarked = async (): Promise<readonly Marked[]> => {
  const found: Marked[] = [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  for (const [index, pid] of pids.entries()) {
    if (index % looksPerTurn === looksPerTurn - 1) await nextTurn();
    found.push(...marked(Number(pid)));
  }
  return found;
};

/** The mark is read again after the start time: a pid that changed hands is not taken for another. */
const marked = (pid: number): readonly Marked[] => {
  if (markIn(pid) === undefined) return [];
  const started = processStart(pid);
  const mark = markIn(pid);
  return started === undefined || mark === undefined ? [] : [{ pid, started, mark }];
};

const markIn = (pid: number): string | undefined => {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    const own = variables.find((variable) => variable.startsWith(`${markVariable}=`));
    return own?.slice(markVariable.length + 1);
  } catch (error) {
    // What we could not look at may be ours.
    if (isOutOfDescriptors(error)) throw error;
    // It ended while we looked, or belongs to another user.
    return undefined;
  }
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
};
