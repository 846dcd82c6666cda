import type { DatabaseSync } from 'node:sqlite';
import type { HistoryPage, HistoryQuery, StepMs } from '../../protocol/history/messages.ts';
import { absent, packCodes } from '../../protocol/history/pack.ts';
import { machineSeriesNames, seriesNames } from '../../protocol/history/series.ts';
import { bytesOfRecords, heldAt, recordsIn } from './records.ts';
import { bytesOf, numbersIn, rings, stepFor } from './rings.ts';
import { type Numbers, type Row, unpackRow } from './row.ts';

/** Of a page: an answer is one line, which may have 8 MB. */
const mostSampleBytes = 3 * 1024 * 1024;
const mostRecordBytes = 1024 * 1024;

type Period = { readonly from: number; readonly to: number };

/** One page of what is kept of a period. */
export const queryHistory = (database: DatabaseSync, query: HistoryQuery): HistoryPage => {
  const stepMs = query.stepMs ?? stepFor(database, query);
  const { figuresOnly = false } = query;
  const to = figuresOnly ? query.to : endOfRecords(database, query);
  const { rows, next } = rowsIn(database, stepMs, { from: query.from, to });
  const until = next ?? to;
  const wanted = namesIn(numbersIn(database), query.services);
  return {
    version: 1,
    stepMs,
    at: rows.map(({ at }) => at),
    machineSeries: machineSeriesNames,
    machine: columns(
      rows.map(({ row }) => row.machine),
      machineSeriesNames.length,
    ),
    series: seriesNames,
    services: columnsOf(rows, wanted),
    records: figuresOnly ? [] : recordsIn(database, { from: query.from, to: until }),
    held: figuresOnly ? [] : heldAt(database, query.from),
    ...(until < query.to ? { next: until } : {}),
  };
};

/** The part of a period whose records fit into a page. */
const endOfRecords = (database: DatabaseSync, { from, to }: Period): number => {
  let end = to;
  while (end - from > 1_000 && bytesOfRecords(database, { from, to: end }) > mostRecordBytes) {
    end = Math.ceil((from + end) / 2);
  }
  return end;
};

type Kept = { readonly at: number; readonly row: Row };

const rowsIn = (
  database: DatabaseSync,
  step: StepMs,
  { from, to }: Period,
): { readonly rows: readonly Kept[]; readonly next?: number } => {
  const rows: Kept[] = [];
  let bytes = 0;
  const found = database
    .prepare(`SELECT at, value FROM ${rings[step].table} WHERE at >= ? AND at < ? ORDER BY at`)
    .iterate(from, to);
  for (const each of found) {
    const value = bytesOf(each);
    if (bytes + value.length > mostSampleBytes) return { rows, next: Number(each['at']) };
    bytes += value.length;
    rows.push({ at: Number(each['at']), row: unpackRow(value) });
  }
  return { rows };
};

const namesIn = (numbers: Numbers, services: readonly string[] | undefined): Numbers =>
  services === undefined
    ? numbers
    : new Map([...numbers].filter(([name]) => services.includes(name)));

/** Only those that lived in the period. */
const columnsOf = (rows: readonly Kept[], wanted: Numbers): Readonly<Record<string, string>> => {
  const seen = new Set(rows.flatMap(({ row }) => [...row.services.keys()]));
  return Object.fromEntries(
    [...wanted]
      .filter(([, number]) => seen.has(number))
      .map(([name, number]) => [
        name,
        columns(
          rows.map(({ row }) => row.services.get(number)),
          seriesNames.length,
        ),
      ]),
  );
};

const columns = (rows: readonly (Uint16Array | undefined)[], count: number): string => {
  const codes = new Uint16Array(rows.length * count).fill(absent);
  for (const [index, row] of rows.entries()) {
    if (row === undefined) continue;
    for (let series = 0; series < count; series += 1) {
      codes[series * rows.length + index] = row[series] ?? absent;
    }
  }
  return packCodes(codes).toString('base64');
};
