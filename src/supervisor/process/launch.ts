import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Exit, exitReason } from './exit-reason.ts';
import { processStart, signalGroup } from './identity.ts';

export type Launch = {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Its output is appended here: a file outlives the supervisor, a pipe would kill the writer. */
  readonly logFile: string;
  /** A descriptor of ours that it gets as its descriptor 3. */
  readonly inherit?: number;
};

export type Running = {
  readonly pid: number;
  /** Why it ended; resolves once, when it is gone. */
  readonly exited: Promise<string>;
  /** Signals it and everything that it started. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
};

/** Starts a Node process that shares neither terminal, nor pipe, nor life with this one. */
export const launch = (options: Launch): Running => {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a');
  const from = statSync(options.logFile).size;
  const inherited = options.inherit === undefined ? [] : [options.inherit];
  const child = spawn(process.execPath, options.args, {
    cwd: options.cwd,
    env: { ...options.env },
    detached: true,
    stdio: ['ignore', log, log, ...inherited],
  });
  closeSync(log);
  const pid = child.pid ?? 0;
  const started = processStart(pid);
  const exited = ended(child).then((end) => {
    // What the worker itself started must not outlive it.
    if (pid > 0) signalGroup(pid, 'SIGKILL');
    return exitReason({ ...end, output: readFrom(options.logFile, from) });
  });
  return {
    pid,
    exited,
    signal: (name) => {
      if (pid > 0 && processStart(pid) === started) signalGroup(pid, name);
    },
  };
};

const ended = (child: ChildProcess): Promise<Omit<Exit, 'output'>> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: error.message }));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? { code: code ?? 0 } : { signal }),
    );
  });

const readFrom = (file: string, offset: number): string => {
  try {
    return readFileSync(file).subarray(offset).toString();
  } catch {
    // A log that someone removed tells nothing; the exit code still does.
    return '';
  }
};
