import { join } from 'node:path';

/** What one process writes from its start to its end. */
export type Stream = { readonly worker: string; readonly start: number };

export const spoolDir = (logs: string): string => join(logs, 'spool');

/** The file that a process appends its output to, and no other process. */
export const spoolFile = (logs: string, { worker, start }: Stream): string =>
  join(spoolDir(logs), `${worker}~${start}.log`);

/** In the logs, a supervisor that runs without a terminal goes by this name. */
export const supervisorName = 'supervisor';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What `ctx.log` wrote: one JSON object a line, its time first. */
export type LogRecord = {
  readonly time: string;
  readonly level?: LogLevel;
  readonly service?: string;
  readonly msg?: string;
  readonly fields: Readonly<Record<string, unknown>>;
};

const recordStart = '{"time":"';

/** Reads a line of `ctx.log` back; undefined for any other line, which is only text. */
export const parseLogRecord = (line: string, writer: string): LogRecord | undefined => {
  if (!line.startsWith(recordStart)) return undefined;
  const { time, level, service, worker, msg, ...fields } = parse(line);
  // Another program's line may look the same, but it does not name the worker that wrote it.
  if (worker !== writer || typeof time !== 'string' || Number.isNaN(Date.parse(time))) {
    return undefined;
  }
  return {
    time,
    ...(isLevel(level) ? { level } : {}),
    ...(typeof service === 'string' ? { service } : {}),
    ...(typeof msg === 'string' ? { msg } : {}),
    fields,
  };
};

const parse = (line: string): Readonly<Record<string, unknown>> => {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    // Cut short, or no JSON after all.
    return {};
  }
};

const isLevel = (value: unknown): value is LogLevel => logLevels.includes(value as LogLevel);

/** One line that a worker wrote. */
export type LogLine = {
  /** The time in the line itself; of a line without one, when it was received. */
  readonly time: string;
  /** Whose line it is; the group's when services share a worker and the line names none. */
  readonly service: string;
  readonly worker: string;
  /** Absent when the line does not say. */
  readonly level?: LogLevel;
  /** The line as it was written, without its end. */
  readonly line: string;
};

/** How far a reader is. It outlives the supervisor: places in files, and no session. */
export type LogCursor = {
  /** Start of the youngest stream that was opened; every older one is in `offsets` or done. */
  readonly opened: number;
  /** Stream → where its next line begins. */
  readonly offsets: Readonly<Record<string, number>>;
};

export type LogQuery = {
  /** Names of services, groups or workers; none means all. */
  readonly services: readonly string[];
  /** This level and what is worse; a line without a level counts as `info`. */
  readonly level?: LogLevel;
  /** Milliseconds since the epoch. */
  readonly since?: number;
  readonly cursor?: LogCursor;
};

/** A bounded part of the lines in the order of their times. */
export type LogPage = {
  readonly lines: readonly LogLine[];
  readonly cursor: LogCursor;
  /** There is no further line at the moment. */
  readonly isCaughtUp: boolean;
};
