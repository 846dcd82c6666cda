import type { LogLine, LogRecord } from '../../../protocol/logs.ts';
import { groupOf } from '../names.ts';

type Origin = {
  readonly worker: string;
  /** What the line says of itself. */
  readonly record: LogRecord | undefined;
  /** When a line was written that does not say so itself. */
  readonly at: number;
};

/** A line that says nothing of itself is its worker's. */
export const toLogLine = (line: string, { worker, record, at }: Origin): LogLine => ({
  time: record?.time ?? new Date(at).toISOString(),
  service: record?.service ?? groupOf(worker),
  worker,
  ...(record?.level === undefined ? {} : { level: record.level }),
  line,
});
