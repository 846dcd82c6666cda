import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TimelineEvent } from '../../src/protocol/control/messages.ts';
import { spoolDir } from '../../src/protocol/logs.ts';
import { bytes, days, megabytes, percent } from '../../src/protocol/units.ts';
import type { LogsConfig } from '../../src/supervisor/config/app-config.ts';
import { newSpool, parseSegment } from '../../src/supervisor/logs/names.ts';
import { launch } from '../../src/supervisor/process/launch.ts';

const fixtures = join(import.meta.dirname, '../fixtures/logs');

/** Small segments, and room for everything, whatever the disk of this machine is like. */
export const smallSegments: LogsConfig = {
  maxSize: bytes(64 * 1024),
  maxAge: days(7),
  budget: megabytes(1_024),
  minFree: percent(0),
};

export type LogFolder = Disposable & {
  readonly logs: string;
  /** Resolves as soon as the condition holds; looks whenever a file of the folder changes. */
  readonly until: (holds: () => boolean) => Promise<void>;
};

export const logFolder = (): LogFolder => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-logs-'));
  const logs = join(directory, 'logs');
  mkdirSync(spoolDir(logs), { recursive: true });
  return {
    logs,
    until: (holds) => until(logs, holds),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
};

const until = (directory: string, holds: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const watcher = watch(directory, { recursive: true });
    const check = (): void => {
      if (!holds()) return;
      watcher.close();
      resolve();
    };
    watcher.on('change', check);
    check();
  });

export type Writer = {
  readonly exited: Promise<string>;
  readonly kill: () => void;
  /** The last line that was surely written. */
  readonly written: () => number;
  /** A second name of its spool, which stays when the spool is removed. */
  readonly copy: string;
};

/** A real process, started as the supervisor starts workers, that writes numbered lines. */
export const startWriter = (
  { logs }: LogFolder,
  worker: string,
  range: { readonly from: number; readonly to: number; readonly pauseMs?: number },
): Writer => {
  const { from, to, pauseMs = 0 } = range;
  const logFile = newSpool(logs, worker);
  const beside = (what: string): string => join(logs, '..', `${worker}-${from}.${what}`);
  const note = openSync(beside('note'), 'w+');
  const running = launch({
    args: [join(fixtures, 'writes-lines.mjs'), worker, ...[from, to, pauseMs].map(String)],
    cwd: fixtures,
    env: { ...process.env } as Record<string, string>,
    mark: `${randomUUID()}/w1`,
    logFile,
    inherit: [note],
    oomRank: 'worker',
  });
  closeSync(note);
  linkSync(logFile, beside('copy'));
  return {
    exited: running.exited.then(({ reason }) => reason),
    kill: () => running.signal('SIGKILL'),
    written: () => Number(readFileSync(beside('note'), 'utf8')),
    copy: beside('copy'),
  };
};

export type CollectorProcess = AsyncDisposable & {
  readonly pid: number;
  readonly events: readonly TimelineEvent[];
  /** Resolves with the first event that it tells of with such a text. */
  readonly says: (pattern: RegExp) => Promise<TimelineEvent>;
  readonly kill: () => Promise<void>;
};

/** The collector as a process of its own, so that it can be killed. */
export const startCollector = (
  { logs }: LogFolder,
  limits: LogsConfig = smallSegments,
  env: Readonly<Record<string, string>> = {},
): CollectorProcess => {
  const args = [join(fixtures, 'collects.ts'), logs, JSON.stringify(limits)];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const exited = once(child, 'exit');
  const events: TimelineEvent[] = [];
  const heard = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    events.push(JSON.parse(line) as TimelineEvent);
    for (const look of heard) look();
  });
  return {
    pid: child.pid ?? 0,
    events,
    says: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.find(({ text }) => pattern.test(text));
          if (found === undefined) return;
          heard.delete(look);
          resolve(found);
        };
        heard.add(look);
        look();
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
};

export type StoredStream = {
  /** What its segments hold, one after the other. */
  readonly bytes: Buffer;
  readonly segments: number;
  /** Bytes missing between two segments, or in both of them. */
  readonly misfits: readonly number[];
};

/** The streams of a worker as they lie in the store, oldest first; read without the reader. */
export const storedStreams = (logs: string, worker: string): readonly StoredStream[] => {
  const directory = join(logs, worker);
  const segments = namesIn(directory)
    .toSorted()
    .flatMap((name) => {
      const parsed = parseSegment(worker, name);
      return parsed === undefined ? [] : { ...parsed, bytes: readFileSync(join(directory, name)) };
    });
  return [...Map.groupBy(segments, ({ start }) => start).values()].map((stream) => ({
    bytes: Buffer.concat(stream.map(({ bytes: part }) => part)),
    segments: stream.length,
    misfits: stream
      .map(({ from }, index) => {
        const before = stream[index - 1];
        return before === undefined ? from : from - before.from - before.bytes.length;
      })
      .filter((gap) => gap !== 0),
  }));
};

const namesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory);
  } catch {
    // Nothing was stored of this worker yet.
    return [];
  }
};

/** Bytes of all segments of all workers. */
export const storedBytes = (logs: string): number =>
  namesIn(logs)
    .filter((name) => name !== 'spool')
    .flatMap((worker) => namesIn(join(logs, worker)).map((name) => join(logs, worker, name)))
    .filter((file) => file.endsWith('.log'))
    .reduce((sum, file) => sum + sizeOf(file), 0);

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** What is wrong with numbered lines: which are missing, which are there twice. */
export const faultsIn = (
  lines: readonly string[],
  range: { readonly from: number; readonly to: number },
): { readonly lost: number; readonly doubled: number } => {
  const seen = new Map<number, number>();
  for (const line of lines) {
    const number = Number(line.split(' ')[1]);
    seen.set(number, (seen.get(number) ?? 0) + 1);
  }
  let lost = 0;
  for (let number = range.from; number <= range.to; number += 1) if (!seen.has(number)) lost += 1;
  const doubled = [...seen.values()].reduce((sum, times) => sum + times - 1, 0);
  return { lost, doubled };
};
