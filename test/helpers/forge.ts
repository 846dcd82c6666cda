import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { expect } from 'vitest';

const root = join(import.meta.dirname, '../..');
export const main = join(root, 'dist/cli/main.js');

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A program, and its arguments, that is to run forge. It passes SIGKILL on. */
  readonly under?: readonly string[];
};

/** Runs the built `forge` as a user would, to its end. */
export const forge = async (args: readonly string[], options: RunOptions = {}): Promise<Ran> => {
  const child = launch(args, options);
  const [stdout, stderr, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    exitOf(child),
  ]);
  return { code, stdout, stderr };
};

export type RunningApp = AsyncDisposable & {
  /** The ready line. */
  readonly ready: string;
  readonly http: string;
  readonly pid: number;
  readonly env: Readonly<Record<string, string>>;
  readonly forge: (...args: readonly string[]) => Promise<Ran>;
  readonly exited: Promise<number>;
  /** Pids of everything that was started under this app's run directory, workers' children too. */
  readonly processes: () => readonly number[];
  /** Resolves when none of them is left. */
  readonly gone: () => Promise<void>;
};

type StartOptions = Pick<RunOptions, 'env' | 'under'> & {
  /** Instead of the app that the config of the folder describes. */
  readonly what?: readonly string[];
};

/** `forge start --headless` on a free port, with a run directory of its own. */
export const startApp = async (
  directory: string,
  { what, under, ...options }: StartOptions = {},
): Promise<RunningApp> => {
  const runDir = mkdtempSync(join(tmpdir(), 'forge-'));
  const env = { ...options.env, FORGE_RUN_DIR: runDir };
  const start = ['start', '--headless', ...(what ?? ['--app', directory, '--http', '0'])];
  const child = launch(start, { env, ...(under === undefined ? {} : { under }) });
  const errors = textOf(child.stderr);
  const exited = exitOf(child);
  const ready = await firstLine(child.stdout);
  if (ready === undefined) {
    rmSync(runDir, { recursive: true, force: true });
    throw new Error(`forge start failed (${await exited}): ${await errors}`);
  }
  return {
    ready,
    http: /http:\/\/\S+/.exec(ready)?.[0] ?? '',
    pid: child.pid ?? 0,
    env,
    forge: (...args) => forge([...args, '--app', directory], { env }),
    exited,
    processes: () => processesIn(runDir),
    gone: async () => {
      const left = await leftIn(runDir);
      if (left.length > 0) throw new Error(`still there: ${left.join(', ')}`);
    },
    [Symbol.asyncDispose]: async () => {
      child.kill(under === undefined ? 'SIGTERM' : 'SIGKILL');
      await exited;
      // Another supervisor may have taken the app over.
      if (processesIn(runDir).length > 0) {
        await forge(['wait', '--timeout', '5s', '--app', directory], { env });
        await forge(['stop', '--app', directory], { env });
      }
      const left = await leftIn(runDir);
      for (const pid of left) process.kill(pid, 'SIGKILL');
      rmSync(runDir, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`the app left processes behind: ${left.join(', ')}`);
    },
  };
};

/** Far longer than the last of them takes. */
const patienceMs = 20_000;

/** Who is nobody's child here tells nobody of its end: it has to be looked at. */
const leftIn = async (runDir: string): Promise<readonly number[]> => {
  for (const until = performance.now() + patienceMs; performance.now() < until; ) {
    if (processesIn(runDir).length === 0) return [];
    await after(20);
  }
  return processesIn(runDir);
};

/** Pids of everything that was started under a run directory. */
export const processesIn = (runDir: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).includes(`FORGE_RUN_DIR=${runDir}`))
    .map(Number);

/** Resolves as soon as a request is answered with 200. */
export const answers = (url: string): Promise<void> =>
  expect
    .poll(() =>
      fetch(url).then(
        ({ status }) => status,
        (error: unknown) => String(error),
      ),
    )
    .toBe(200);

export type RunDir = Disposable & {
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly processes: () => readonly number[];
};

/** A run directory for tests that start `forge` by themselves; ends what they leave running. */
export const makeRunDir = (): RunDir => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-'));
  return {
    directory,
    env: { FORGE_RUN_DIR: directory },
    processes: () => processesIn(directory),
    [Symbol.dispose]: () => {
      for (const pid of processesIn(directory)) process.kill(pid, 'SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

const environmentOf = (pid: string): readonly string[] => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // It ended while we looked.
    return [];
  }
};

export const launch = (args: readonly string[], { env, cwd, under = [] }: RunOptions) => {
  const [program = process.execPath, ...rest] = [...under, process.execPath, main, ...args];
  return spawn(program, rest, {
    cwd: cwd ?? root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
};

export const exitOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => child.once('close', (code) => resolve(code ?? -1)));

const textOf = async (stream: NodeJS.ReadableStream): Promise<string> => {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
};

const firstLine = (stream: NodeJS.ReadableStream): Promise<string | undefined> =>
  new Promise((resolve) => {
    let text = '';
    stream.on('data', (chunk) => {
      text += String(chunk);
      if (text.includes('\n')) resolve(text.split('\n')[0]);
    });
    stream.on('end', () => resolve(undefined));
  });
