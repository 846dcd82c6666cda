import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';

const root = join(import.meta.dirname, '../..');
const main = join(root, 'dist/cli/main.js');

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

type RunOptions = { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string };

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
};

type StartOptions = Pick<RunOptions, 'env'> & {
  /** Instead of the app that the config of the folder describes. */
  readonly what?: readonly string[];
};

/** `forge start --headless` on a free port, with a run directory of its own. */
export const startApp = async (
  directory: string,
  options: StartOptions = {},
): Promise<RunningApp> => {
  const runDir = mkdtempSync(join(tmpdir(), 'forge-'));
  const env = { ...options.env, FORGE_RUN_DIR: runDir };
  const what = options.what ?? ['--app', directory, '--http', '0'];
  const child = launch(['start', '--headless', ...what], { env });
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
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await exited;
      // Another supervisor may have taken the app over.
      if (processesIn(runDir).length > 0) {
        await forge(['wait', '--timeout', '5s', '--app', directory], { env });
        await forge(['stop', '--app', directory], { env });
      }
      // Who is nobody's child here tells nobody of its end: it has to be looked at.
      while (processesIn(runDir).length > 0) await after(20);
      rmSync(runDir, { recursive: true, force: true });
    },
  };
};

/** Pids of everything that was started under a run directory. */
export const processesIn = (runDir: string): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).includes(`FORGE_RUN_DIR=${runDir}`))
    .map(Number);

const environmentOf = (pid: string): readonly string[] => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // It ended while we looked.
    return [];
  }
};

const launch = (args: readonly string[], { env, cwd }: RunOptions) =>
  spawn(process.execPath, [main, ...args], {
    cwd: cwd ?? root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const exitOf = (child: ChildProcess): Promise<number> =>
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
