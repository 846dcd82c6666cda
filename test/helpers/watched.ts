import { setTimeout as pause } from 'node:timers/promises';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { cpuSeconds, residentMb } from './process-usage.ts';

export type Size = { readonly columns: number; readonly rows: number };

/** A program in a terminal of its own, watched from outside. */
export type Watched = {
  readonly pid: number;
  readonly bytes: () => number;
  /** Milliseconds from the start to the first write, and to the first screen with `pattern`. */
  readonly firstWriteMs: () => number;
  readonly type: (keys: string) => void;
  /** Resolves with the moment at which the write that brought `pattern` about arrived. */
  readonly shows: (pattern: RegExp) => Promise<number>;
  readonly end: () => Promise<void>;
};

export type WatchOptions = Size & { readonly env?: Readonly<Record<string, string>> };

export const watch = (argv: readonly string[], options: WatchOptions): Watched => {
  const { columns: cols, rows, env = {} } = options;
  const [program = '', ...args] = argv;
  const emulator = new xterm.Terminal({ cols, rows, allowProposedApi: true, scrollback: 0 });
  const startedAt = performance.now();
  const pty = spawn(program, args, {
    cols,
    rows,
    name: 'xterm-256color',
    env: { ...process.env, LANG: 'C.UTF-8', COLORTERM: 'truecolor', CI: undefined, ...env },
  });
  const looks = new Set<(arrivedAt: number) => void>();
  let bytes = 0;
  let firstWriteMs = 0;
  pty.onData((data) => {
    const arrivedAt = performance.now();
    if (bytes === 0) firstWriteMs = arrivedAt - startedAt;
    bytes += Buffer.byteLength(data);
    emulator.write(data, () => {
      for (const look of looks) look(arrivedAt);
    });
  });
  emulator.onData((answer) => pty.write(answer));
  const exited = new Promise<void>((resolve) => pty.onExit(() => resolve()));
  const screen = (): string =>
    Array.from({ length: rows }, (_, y) =>
      emulator.buffer.active.getLine(y)?.translateToString(true),
    ).join('\n');
  return {
    pid: pty.pid,
    bytes: () => bytes,
    firstWriteMs: () => firstWriteMs,
    type: (keys) => pty.write(keys),
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(() => reject(new Error(`no ${pattern} in\n${screen()}`)), 20_000);
        const look = (arrivedAt: number): void => {
          if (!pattern.test(screen())) return;
          clearTimeout(limit);
          looks.delete(look);
          resolve(arrivedAt);
        };
        looks.add(look);
        look(performance.now());
      }),
    end: async () => {
      pty.kill('SIGTERM');
      await Promise.race([exited, pause(2_000)]);
      pty.kill('SIGKILL');
      await exited;
      emulator.dispose();
    },
  };
};

export type Usage = {
  readonly cpuPercent: number;
  readonly bytesPerSecond: number;
  readonly residentMb: number;
};

/** What it takes while nobody touches it. */
export const usageOf = async (watched: Watched, seconds: number): Promise<Usage> => {
  const cpu = cpuSeconds(watched.pid);
  const bytes = watched.bytes();
  const from = performance.now();
  await pause(seconds * 1_000);
  const took = (performance.now() - from) / 1_000;
  return {
    cpuPercent: ((cpuSeconds(watched.pid) - cpu) / took) * 100,
    bytesPerSecond: (watched.bytes() - bytes) / took,
    residentMb: residentMb(watched.pid),
  };
};
