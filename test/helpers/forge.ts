import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
};

/** `forge start --headless` on a free port, with a run directory of its own. */
export const startApp = async (
  directory: string,
  options: Pick<RunOptions, 'env'> = {},
): Promise<RunningApp> => {
  const runDir = mkdtempSync(join(tmpdir(), 'forge-'));
  const env = { ...options.env, FORGE_RUN_DIR: runDir };
  const child = launch(['start', '--headless', '--app', directory, '--http', '0'], { env });
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
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null) child.kill('SIGTERM');
      await exited;
      rmSync(runDir, { recursive: true, force: true });
    },
  };
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
