import { join } from 'node:path';

/**
 * How the next supervisor is started when this one dies: a file in the run directory that any
 * process of the app can read. It is gone as soon as the app is stopped on purpose.
 */
export type Succession = {
  readonly version: 1;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Folder of the app's logs. */
  readonly logs: string;
  /** How many listening descriptors a process of an earlier version hands on, from 3 on. */
  readonly descriptors: number;
  /** The ports of which the others hand them on; an earlier version does not name them. */
  readonly ports?: readonly number[];
  /** When processes of the app started supervisors, the latest last, in ms since the epoch. */
  readonly starts: readonly number[];
  /** What the kernel gave the supervisor; that of a worker, which starts the next one, is higher. */
  readonly oomScore?: number;
};

/** Undefined for what no supervisor has left: whoever reads it would run a stranger's program. */
export const decodeSuccession = (value: unknown): Succession | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  const {
    version,
    command,
    cwd,
    env,
    logs,
    descriptors,
    ports = [],
    starts,
    oomScore = 0,
  } = value as Partial<Succession>;
  const isWhole =
    version === 1 &&
    Array.isArray(command) &&
    command.length > 0 &&
    command.every((part) => typeof part === 'string') &&
    typeof cwd === 'string' &&
    typeof env === 'object' &&
    env !== null &&
    typeof logs === 'string' &&
    Number.isInteger(descriptors) &&
    Array.isArray(ports) &&
    ports.every(Number.isInteger) &&
    Array.isArray(starts) &&
    Number.isInteger(oomScore);
  // Every field has been looked at.
  return isWhole ? (value as Succession) : undefined;
};

export const firstDescriptor = 3;

/** A supervisor that lives for so long is sound; one that does not is one of a series. */
const soundMs = 60_000;
/** So many of a series are started at once, */
const atOnce = 10;
/** the next after this, and each after twice the pause of the one before, */
const firstPauseMs = 1_000;
/** up to this, */
const longestPauseMs = 30_000;
/** and to this part of the time that workers serve without a supervisor. */
const mostOfGrace = 0.5;
/** More starts change no pause. */
const mostStarts = 20;

/**
 * Whether the next supervisor is to be started only later. One that crashes every few seconds would
 * take the machine from the workers, which serve without it.
 */
export const isPausing = (
  starts: readonly number[],
  at: number,
  orphanGraceMs: number,
): boolean => {
  const latest = starts.at(-1);
  // Started in the future: the clock has been set back, and tells nothing.
  if (latest === undefined || latest > at) return false;
  return at - latest < Math.min(pauseAfter(starts), orphanGraceMs * mostOfGrace);
};

const pauseAfter = (starts: readonly number[]): number => {
  const first = starts.findLastIndex((one, index) => one - (starts[index - 1] ?? one) > soundMs);
  const series = starts.length - Math.max(0, first);
  return series < atOnce ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (series - atOnce));
};

export const withStart = (starts: readonly number[], at: number): readonly number[] =>
  [...starts, at].slice(-mostStarts);

/** What any process of the app must know of another one. */
export type ProcessNote = {
  readonly pid: number;
  readonly started: string;
  readonly runId: string;
  /** Names this incarnation of the worker, and its socket files. */
  readonly incarnation: string;
  /** It knows nothing of ThreadForge: somebody else has to end it when no supervisor comes. */
  readonly isForeign?: true;
};

/** A file has it until it is whole. */
export const draftSuffix = '.tmp';

/** What a file that cannot be read is called from then on, until its run is over. */
export const corruptSuffix = '.corrupt';

export const noteSuffix = '.process.json';

export const runFiles = {
  succession: (runDir: string): string => join(runDir, 'succession.json'),
  /** For when the other cannot be read: without it the app ends when its supervisor does. */
  successionCopy: (runDir: string): string => join(runDir, 'succession.copy.json'),
  /** Who is the supervisor: pid and start time. */
  owner: (runDir: string): string => join(runDir, 'supervisor.json'),
  /** What the next supervisor takes over. */
  state: (runDir: string): string => join(runDir, 'run.json'),
  stateCopy: (runDir: string): string => join(runDir, 'run.copy.json'),
  /** What is noted of each process of the run, named by its incarnation. */
  note: (runDir: string, incarnation: string): string =>
    join(runDir, `${incarnation}${noteSuffix}`),
  /** How many connections a worker has at the ports of its services; beside its socket. */
  count: (rpcPath: string): string => `${rpcPath}.count`,
  /** Held by the process that is starting the next supervisor. */
  successionLock: (runDir: string): string => join(runDir, 'succession.lock'),
  channel: (runDir: string): string => join(runDir, 'workers.sock'),
  control: (runDir: string): string => join(runDir, 'control.sock'),
} as const;
