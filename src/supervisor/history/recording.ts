import type { DatabaseSync } from 'node:sqlite';
import type { AdvisorInput } from '../../advisor/replay/input.ts';
import type { RecordingPage, RecordingQuery } from '../../protocol/history/messages.ts';
import { minutes } from '../../protocol/units.ts';
import { compressed } from './compressed.ts';
import { bytesOf } from './rings.ts';

/** A day, in chunks of ten seconds. */
const mostChunks = 8_640;
/** What the advisor notes of its last minute is not in its memory: a replay sees it again before. */
const warmUpMs = minutes(2);
const mostPageBytes = 2 * 1024 * 1024;

export const recordingSchema = `
  CREATE TABLE IF NOT EXISTS recording (
    number INTEGER PRIMARY KEY, at INTEGER NOT NULL, begins INTEGER NOT NULL, value BLOB NOT NULL
  );
  CREATE INDEX IF NOT EXISTS recording_begins ON recording (begins, at);
`;

/** Some seconds of the advisor's inputs, one JSON object a line, compressed. */
export type Chunk = {
  readonly at: number;
  /** Its first line is the advisor's memory: one can start from here. */
  readonly begins: boolean;
  readonly bytes: Uint8Array;
};

/** It is kept for a day; what is above it is hardly shorter. */
const level = 3;

/** What waits for the end of its chunk: as text, it takes half the memory of a view. */
export type Input = Pick<AdvisorInput, 'type'> & { readonly line: string };

export const toInput = (input: AdvisorInput): Input => ({
  type: input.type,
  line: `${JSON.stringify(input)}\n`,
});

export const toChunk = (at: number, inputs: readonly Input[]): Chunk => ({
  at,
  begins: inputs[0]?.type === 'memory',
  bytes: compressed(inputs.map(({ line }) => line).join(''), level),
});

export const addChunks = (database: DatabaseSync, chunks: readonly Chunk[]): void => {
  const insert = database.prepare('INSERT INTO recording (at, begins, value) VALUES (?, ?, ?)');
  for (const { at, begins, bytes } of chunks) insert.run(Math.floor(at), Number(begins), bytes);
  database
    .prepare('DELETE FROM recording WHERE number <= (SELECT max(number) FROM recording) - ?')
    .run(mostChunks);
};

/** A page of chunks, from the last one from which one can start in time. */
export const queryRecording = (database: DatabaseSync, query: RecordingQuery): RecordingPage => {
  const from = query.after ?? beginOf(database, query.from) - 1;
  const rows = database
    .prepare('SELECT number, value FROM recording WHERE number > ? AND at < ? ORDER BY number')
    .iterate(from, query.to);
  const chunks: string[] = [];
  let bytes = 0;
  let last = from;
  for (const row of rows) {
    const value = bytesOf(row);
    if (bytes > 0 && bytes + value.length > mostPageBytes)
      return { version: 1, chunks, next: last };
    bytes += value.length;
    last = Number(row['number']);
    chunks.push(Buffer.from(value).toString('base64'));
  }
  return { version: 1, chunks };
};

const beginOf = (database: DatabaseSync, at: number): number => {
  const before = database
    .prepare('SELECT max(number) AS n FROM recording WHERE begins = 1 AND at <= ?')
    .get(at - warmUpMs);
  const first = database.prepare('SELECT min(number) AS n FROM recording WHERE begins = 1').get();
  return Number(before?.['n'] ?? first?.['n'] ?? 0);
};
