import type { DatabaseSync } from 'node:sqlite';
import type { TimelineEvent } from '../../protocol/control/messages.ts';
import type { HistoryRecord } from '../../protocol/history/messages.ts';

/** As many as a month of a lively app has. */
const mostRecords = 50_000;

export const recordSchema = `
  CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL, value TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS records_by_time ON records (at);
  CREATE INDEX IF NOT EXISTS records_by_kind ON records (kind, at);
`;

export const addRecords = (database: DatabaseSync, records: readonly HistoryRecord[]): void => {
  const insert = database.prepare('INSERT INTO records (kind, at, value) VALUES (?, ?, ?)');
  for (const record of records) {
    insert.run(record.kind, Math.floor(record.at), JSON.stringify(record));
  }
  database
    .prepare('DELETE FROM records WHERE number <= (SELECT max(number) FROM records) - ?')
    .run(mostRecords);
};

/** In the order in which they were kept. */
export const recordsIn = (
  database: DatabaseSync,
  { from, to }: { readonly from: number; readonly to: number },
): readonly HistoryRecord[] =>
  database
    .prepare('SELECT value FROM records WHERE at >= ? AND at < ? ORDER BY at, number')
    .all(from, to)
    .map(toRecord);

export const bytesOfRecords = (
  database: DatabaseSync,
  { from, to }: { readonly from: number; readonly to: number },
): number => {
  const row = database
    .prepare('SELECT sum(length(value)) AS bytes FROM records WHERE at >= ? AND at < ?')
    .get(from, to);
  return Number(row?.['bytes'] ?? 0);
};

/** The advice and the layout that held just before a moment. */
export const heldAt = (database: DatabaseSync, at: number): readonly HistoryRecord[] =>
  (['layout', 'advice'] as const).flatMap((kind) => {
    const row = database
      .prepare('SELECT value FROM records WHERE kind = ? AND at < ? ORDER BY at DESC LIMIT 1')
      .get(kind, at);
    return row === undefined ? [] : [toRecord(row)];
  });

/** Oldest first. */
export const lastEvents = (database: DatabaseSync, count: number): readonly TimelineEvent[] =>
  database
    .prepare("SELECT value FROM records WHERE kind = 'event' ORDER BY number DESC LIMIT ?")
    .all(count)
    .flatMap(toEvents)
    .toReversed();

/** An answer is one line, which may have 8 MB: of more events than that the oldest are left out. */
const mostEvents = 20_000;

/** What happened since a time, oldest first. */
export const eventsIn = (database: DatabaseSync, since: number): readonly TimelineEvent[] =>
  database
    .prepare(
      "SELECT value FROM records WHERE kind = 'event' AND at >= ? ORDER BY at DESC, number DESC LIMIT ?",
    )
    .all(since, mostEvents)
    .flatMap(toEvents)
    .toReversed();

const toEvents = (row: Readonly<Record<string, unknown>>): readonly TimelineEvent[] => {
  const record = toRecord(row);
  return record.kind === 'event' ? [record.event] : [];
};

/** Rows are written by `addRecords` alone. */
const toRecord = ({ value }: Readonly<Record<string, unknown>>): HistoryRecord =>
  JSON.parse(String(value)) as HistoryRecord;
