import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

const main = join(import.meta.dirname, '../../dist/cli/main.js');

export type Size = { readonly columns: number; readonly rows: number };

export type TerminalOptions = Size & {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
};

export type Terminal = AsyncDisposable & {
  /** What an operator sees: one string a row, after the escapes are played. */
  readonly rows: () => readonly string[];
  /** Bytes that were written to the terminal so far. */
  readonly bytes: () => number;
  readonly emulator: InstanceType<typeof xterm.Terminal>;
  readonly type: (keys: string) => void;
  readonly resize: (size: Size) => Promise<void>;
  /** Resolves with the rows as soon as one of them matches; after the limit it fails with the screen. */
  readonly shows: (pattern: RegExp | string, limitMs?: number) => Promise<readonly string[]>;
  /** Reads nothing of what is written to it, as a terminal whose window hangs. */
  readonly stall: () => void;
  readonly goOn: () => void;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly exited: Promise<number>;
};

/** `forge ARGS` in a real terminal. */
export const openTerminal = (args: readonly string[], options: TerminalOptions): Terminal =>
  runInTerminal([process.execPath, main, ...args], options);

/** A shell script in a real terminal; `$FORGE` in it is the built `forge`. */
export const openShell = (script: string, options: TerminalOptions): Terminal => {
  const env = { ...options.env, FORGE: `${process.execPath} ${main}` };
  return runInTerminal(['/bin/sh', '-c', script], { ...options, env });
};

const runInTerminal = (
  [program = '', ...args]: readonly string[],
  options: TerminalOptions,
): Terminal => {
  const { columns: cols, rows } = options;
  const emulator = new xterm.Terminal({ cols, rows, allowProposedApi: true });
  const changed = new Set<() => void>();
  const pty = spawn(program, args, {
    cols,
    rows,
    name: 'xterm-256color',
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, LANG: 'C.UTF-8', NO_COLOR: '', FORCE_COLOR: '', ...options.env },
  });
  const exited = new Promise<number>((resolve) => {
    // The last that it wrote is on the screen before it counts as ended.
    pty.onExit(({ exitCode }) => emulator.write('', () => resolve(exitCode)));
  });
  let bytes = 0;
  pty.onData((data) => {
    bytes += Buffer.byteLength(data);
    emulator.write(data, () => {
      for (const look of changed) look();
    });
  });
  const shown = (): readonly string[] => rowsOf(emulator);
  return {
    rows: shown,
    bytes: () => bytes,
    emulator,
    type: (keys) => pty.write(keys),
    resize: async (size) => {
      emulator.resize(size.columns, size.rows);
      pty.resize(size.columns, size.rows);
    },
    shows: (pattern, limitMs = 30_000) =>
      new Promise((resolve, reject) => {
        const fail = (why: string): void => {
          clearTimeout(limit);
          changed.delete(look);
          reject(new Error(`${why} before ${pattern} was on the screen:\n${shown().join('\n')}`));
        };
        const limit = setTimeout(() => fail(`${limitMs} ms were over`), limitMs);
        const look = (): void => {
          // Half of an update is no screen that anybody sees.
          if (emulator.modes.synchronizedOutputMode) return;
          const now = shown();
          if (!now.some((row) => matches(row, pattern))) return;
          clearTimeout(limit);
          changed.delete(look);
          resolve(now);
        };
        changed.add(look);
        void exited.then((code) => fail(`forge ended with ${code}`));
        look();
      }),
    stall: () => pty.pause(),
    goOn: () => pty.resume(),
    kill: (signal) => pty.kill(signal),
    exited,
    [Symbol.asyncDispose]: async () => {
      pty.kill('SIGTERM');
      await exited;
      emulator.dispose();
    },
  };
};

const matches = (row: string, pattern: RegExp | string): boolean =>
  typeof pattern === 'string' ? row.includes(pattern) : pattern.test(row);

const rowsOf = ({ rows, buffer }: InstanceType<typeof xterm.Terminal>): readonly string[] =>
  Array.from({ length: rows }, (_, index) =>
    (
      buffer.active.getLine(buffer.active.viewportY + index)?.translateToString(true) ?? ''
    ).trimEnd(),
  );
