import { type LogLine, parseLogRecord } from '../../../protocol/logs.ts';
import { groupOf } from '../names.ts';

/** A line that says nothing of itself is its worker's, and of the time when it was received. */
export const toLogLine = (
  line: string,
  { worker, receivedAt }: { readonly worker: string; readonly receivedAt: number },
): LogLine => {
  const record = parseLogRecord(line, worker);
  return {
    time: record?.time ?? new Date(receivedAt).toISOString(),
    service: record?.service ?? groupOf(worker),
    worker,
    ...(record?.level === undefined ? {} : { level: record.level }),
    line,
  };
};
