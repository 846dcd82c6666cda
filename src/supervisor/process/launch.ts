import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { markVariable } from '../../sdk/channel/marks.ts';
import { processStart } from '../../sdk/channel/process-start.ts';
import { KernelKills } from '../host/kernel-kills.ts';
import { contain } from './containment.ts';
import { type Exit, exitReason, unseen } from './exit-reason.ts';
import type { Running } from './running.ts';
import { signalGroup } from './signal.ts';

export type Launch = {
  /** Node itself unless another is named. */
  readonly program?: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Carried by everything that it starts. */
  readonly mark: string;
  readonly env: Readonly<Record<string, string>>;
  /** Its output is appended here: a file outlives the supervisor, a pipe would kill the writer. */
  readonly logFile: string;
  /** Descriptors of ours that it gets as its own from 3 on. */
  readonly inherit: readonly number[];
};

const kernel = new KernelKills();

/** Starts a process that shares neither terminal, nor pipe, nor life with this one. */
export const launch = (options: Launch): Running => {
  kernel.forget();
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a');
  const from = statSync(options.logFile).size;
  const child = spawn(options.program ?? process.execPath, options.args, {
    cwd: options.cwd,
    env: { ...options.env, [markVariable]: options.mark },
    detached: true,
    stdio: ['ignore', log, log, ...options.inherit],
  });
  closeSync(log);
  // A supervisor that hands over ends while its workers live on.
  child.unref();
  const pid = child.pid ?? 0;
  const started = processStart(pid);
  const containment = contain(options.mark, pid);
  const exited = ended(child).then(async (end) => {
    // What the worker itself started must not outlive it.
    const hasKernelKilled = end.signal === 'SIGKILL' && kernel.hasKilled();
    if (pid > 0) signalGroup(pid, 'SIGKILL');
    await containment.end();
    return exitReason({ ...end, hasKernelKilled, output: readFrom(options.logFile, from) });
  });
  return {
    pid,
    exited,
    signal: (name) => {
      if (pid > 0 && processStart(pid) === started) signalGroup(pid, name);
    },
    // The kernel tells a parent.
    look: () => undefined,
  };
};

const ended = (child: ChildProcess): Promise<Pick<Exit, 'code' | 'signal'>> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: error.message }));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? { code: code ?? 0 } : { signal }),
    );
  });

/** Why a process ended that is not our child: only what it said last is known. */
export const reasonFromLog = (logFile: string): string =>
  exitReason({ code: unseen, output: readFrom(logFile, 0) });

const readFrom = (file: string, offset: number): string => {
  try {
    return readFileSync(file).subarray(offset).toString();
  } catch {
    // A log that someone removed tells nothing; the exit code still does.
    return '';
  }
};
