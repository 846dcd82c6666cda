import type { LogLine, LogRecord } from '../../../protocol/logs.ts';
import { groupOf } from '../names.ts';
import { saidLevel } from './said-level.ts';

type Origin = {
  readonly worker: string;
  /** What the line says of itself. */
  readonly record: LogRecord | undefined;
  /** When a line was written that does not say so itself. */
  readonly at: number;
};

/** A line that says nothing of itself is its worker's. */
export const toLogLine = (line: string, { worker, record, at }: Origin): LogLine => {
  const level = record === undefined ? saidLevel(line) : record.level;
  return {
    time: record?.time ?? new Date(at).toISOString(),
    service: record?.service ?? groupOf(worker),
    worker,
    ...(level === undefined ? {} : { level }),
    line,
  };
};
