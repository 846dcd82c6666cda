import type { DatabaseSync } from 'node:sqlite';
import { type StepMs, stepsMs } from '../../protocol/history/messages.ts';
import { joinMoments, type Moment } from '../../protocol/history/series.ts';
import { type Numbers, packRow, toMoment, unpackRow } from './row.ts';

type Ring = {
  readonly table: string;
  /** How many moments it holds. */
  readonly most: number;
};

/** An hour of seconds, a day of tens of seconds, thirty days of minutes. */
export const rings: Readonly<Record<StepMs, Ring>> = {
  1000: { table: 'seconds', most: 3_600 },
  10000: { table: 'tens', most: 8_640 },
  60000: { table: 'minutes', most: 43_200 },
};

/**
 * A ring goes by the order of writing, not by the clock: one that is set does not delete what it
 * jumps over. A moment that is lived twice is kept as it was the second time.
 */
export const ringSchema = `
  CREATE TABLE IF NOT EXISTS services (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  ${Object.values(rings)
    .map(
      ({ table }) => `CREATE TABLE IF NOT EXISTS ${table} (
        number INTEGER PRIMARY KEY, at INTEGER NOT NULL UNIQUE, value BLOB NOT NULL
      );`,
    )
    .join('\n')}
`;

export const numbersIn = (database: DatabaseSync): Numbers =>
  new Map(
    database
      .prepare('SELECT name, number FROM services')
      .all()
      .map(({ name, number }) => [String(name), Number(number)]),
  );

/** Adds a second; what it completes is joined into the longer steps. */
export const addSecond = (database: DatabaseSync, moment: Moment): void => {
  const before = lastIn(database);
  const numbers = numbersWith(database, [...moment.services.keys()]);
  put(database, 1_000, { moment, numbers });
  if (before === undefined) return;
  complete(database, { from: 1_000, to: 10_000, before, at: moment.at, numbers });
  complete(database, { from: 10_000, to: 60_000, before, at: moment.at, numbers });
};

const lastIn = (database: DatabaseSync): number | undefined => {
  const row = database.prepare('SELECT at FROM seconds ORDER BY number DESC LIMIT 1').get();
  return row === undefined ? undefined : Number(row['at']);
};

/** As they were last read from the file: none is ever taken away, and one that is begun anew is opened anew. */
const numbersOf = new WeakMap<DatabaseSync, Numbers>();

const numbersWith = (database: DatabaseSync, names: readonly string[]): Numbers => {
  const known = numbersOf.get(database) ?? numbersIn(database);
  const added = names.filter((name) => !known.has(name));
  if (added.length === 0) {
    numbersOf.set(database, known);
    return known;
  }
  // What is added here may be taken back with the transaction: it is read again next time.
  numbersOf.delete(database);
  // While a supervisor hands over, the next one may have added them.
  const insert = database.prepare('INSERT OR IGNORE INTO services (name) VALUES (?)');
  for (const name of added) insert.run(name);
  return numbersIn(database);
};

type Step = {
  readonly from: StepMs;
  readonly to: StepMs;
  readonly before: number;
  readonly at: number;
  readonly numbers: Numbers;
};

/** The period of the second before, if this one begins another. */
const complete = (database: DatabaseSync, { from, to, before, at, numbers }: Step): void => {
  const start = startOf(before, to);
  if (start === startOf(at, to)) return;
  const moments = database
    .prepare(`SELECT at, value FROM ${rings[from].table} WHERE at >= ? AND at < ?`)
    .all(start, start + to)
    .map((row) => toMoment(Number(row['at']), unpackRow(bytesOf(row)), numbers));
  if (moments.length === 0) return;
  put(database, to, { moment: joinMoments(start, moments), numbers });
};

export const startOf = (at: number, stepMs: number): number => Math.floor(at / stepMs) * stepMs;

const put = (
  database: DatabaseSync,
  step: StepMs,
  { moment, numbers }: { readonly moment: Moment; readonly numbers: Numbers },
): void => {
  const { table, most } = rings[step];
  const at = startOf(moment.at, step);
  database
    .prepare(`INSERT OR REPLACE INTO ${table} (at, value) VALUES (?, ?)`)
    .run(at, packRow(moment, numbers));
  database
    .prepare(`DELETE FROM ${table} WHERE number <= (SELECT max(number) FROM ${table}) - ?`)
    .run(most);
};

/** Written by `put` alone. */
export const bytesOf = (row: Readonly<Record<string, unknown>>): Uint8Array =>
  row['value'] as Uint8Array;

type Period = { readonly from: number; readonly to: number };

/** The finest step that reaches as far back into a period as any other, and whose ring can hold it. */
export const stepFor = (database: DatabaseSync, { from, to }: Period): StepMs => {
  const beginOf = (step: StepMs): number => {
    const row = database.prepare(`SELECT min(at) AS at FROM ${rings[step].table}`).get();
    return Math.max(from, Number(row?.['at'] ?? to));
  };
  const begin = Math.min(...stepsMs.map(beginOf));
  const fits = (step: StepMs): boolean => to - from <= step * rings[step].most;
  // A step is told by its beginning: the first minute of an app is a little older than its second.
  return stepsMs.find((step) => fits(step) && beginOf(step) < begin + 60_000) ?? 60_000;
};
