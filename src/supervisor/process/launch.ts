import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { markVariable } from '../../sdk/channel/marks.ts';
import { type OomRank, raiseOomScore } from '../../sdk/channel/oom-score.ts';
import { processStart } from '../../sdk/channel/process-start.ts';
import { KernelKills } from '../host/kernel-kills.ts';
import { contain } from './containment.ts';
import { type Exit, endingOf, exitReason, unseen } from './exit-reason.ts';
import { notStarted } from './not-started.ts';
import type { Ending, Running } from './running.ts';
import { signalGroup } from './signal.ts';
import { lacksThreads } from './thread-shortage.ts';
import { noteWriter } from './writers.ts';

export type Launch = {
  /** Node itself unless another is named. */
  readonly program?: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Carried by everything that it starts. */
  readonly mark: string;
  readonly env: Readonly<Record<string, string>>;
  /** Its output alone goes here: a file outlives the supervisor, a pipe would kill the writer. */
  readonly logFile: string;
  /** Descriptors of ours that it gets as its own from 3 on. */
  readonly inherit: readonly number[];
  /** When it is ended for want of memory, among the processes of the app. */
  readonly oomRank: OomRank;
};

const kernel = new KernelKills();
const shortMs = 1_000;

/** Starts a process that shares neither terminal, nor pipe, nor life with this one. */
export const launch = (options: Launch): Running => {
  kernel.forget();
  mkdirSync(dirname(options.logFile), { recursive: true, mode: 0o700 });
  const log = openSync(options.logFile, 'a+', 0o600);
  const startedAt = performance.now();
  const child = start(options, log);
  raiseOomScore(child.pid, options.oomRank);
  // A supervisor that hands over ends while its workers live on.
  child.unref();
  const pid = child.pid ?? 0;
  const started = processStart(pid) ?? '';
  if (pid > 0) noteWriter(options.logFile, pid);
  const containment = contain(options.mark, { pid, started });
  let hasStarved = false;
  const exited = ended(child).then(async (end) => {
    // What the worker itself started must not outlive it.
    const isKilled = 'signal' in end && end.signal === 'SIGKILL';
    const isShort = options.program !== undefined && performance.now() - startedAt < shortMs;
    const hasKernelKilled = isKilled && kernel.hasKilled();
    if (pid > 0) signalGroup(pid, 'SIGKILL');
    await (await containment).end();
    // Read from the descriptor: the file may be collected and gone by now.
    const output = lastOf(log);
    closeSync(log);
    return 'reason' in end
      ? end
      : endingOf({ ...end, hasKernelKilled, hasStarved, isShort, output });
  });
  return {
    pid,
    exited,
    signal: (name) => {
      hasStarved ||= options.program === undefined && name === 'SIGKILL' && lacksThreads(pid);
      if (pid > 0 && processStart(pid) === started) signalGroup(pid, name);
    },
    // The kernel tells a parent.
    look: () => undefined,
  };
};

/** SIGUSR1 would open a debugger port to everyone on this machine. */
const quiet = ['--disable-sigusr1'];

const start = ({ program, args, cwd, env, mark, inherit }: Launch, log: number): ChildProcess => {
  try {
    return spawn(program ?? process.execPath, program === undefined ? [...quiet, ...args] : args, {
      cwd,
      env: { ...env, [markVariable]: mark },
      detached: true,
      stdio: ['ignore', log, log, ...inherit],
    });
  } catch (error) {
    closeSync(log);
    throw error;
  }
};

const ended = (child: ChildProcess): Promise<Pick<Exit, 'code' | 'signal'> | Ending> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve(notStarted(error)));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? { code: code ?? 0 } : { signal }),
    );
  });

/**
 * Why a process ended that is not our child: only what it said last is known. To be called while it
 * lives: later its output may be collected and gone.
 */
export const reasonFromLog = (logFile: string): (() => string) => {
  const log = openLog(logFile);
  return () => {
    const output = log === undefined ? '' : lastOf(log);
    if (log !== undefined) closeSync(log);
    return exitReason({ code: unseen, output });
  };
};

const openLog = (file: string): number | undefined => {
  try {
    return openSync(file, 'r');
  } catch {
    // A log that someone removed tells nothing.
    return undefined;
  }
};

const lastBytes = 64 * 1024;

/** The end of what a process wrote, which is where it says why it gave up. */
const lastOf = (log: number): string => {
  const buffer = Buffer.alloc(lastBytes);
  const from = Math.max(0, fstatSync(log).size - lastBytes);
  return buffer.subarray(0, readSync(log, buffer, 0, lastBytes, from)).toString();
};
