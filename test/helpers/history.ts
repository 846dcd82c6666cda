import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HistoryPage } from '../../src/protocol/history/messages.ts';
import { fromCode, unpackCodes } from '../../src/protocol/history/pack.ts';
import { type Moment, type Series, seriesNames } from '../../src/protocol/history/series.ts';
import { History } from '../../src/supervisor/history/history.ts';

/** One series of a service in a page. */
export const valuesOf = (page: HistoryPage, service: string, series: Series): readonly number[] => {
  const codes = unpackCodes(Buffer.from(page.services[service] ?? '', 'base64'));
  const from = page.series.indexOf(series) * page.at.length;
  return Array.from(codes.subarray(from, from + page.at.length), fromCode);
};

/** A whole day, in UTC. */
export const start = 1_763_942_400_000;

export const servicesOf = (names: readonly string[], value: number): Moment['services'] =>
  new Map(names.map((name) => [name, seriesNames.map(() => value)]));

/** A second of two services, every series of them with this value. */
export const momentAt = (second: number, value: number): Moment => ({
  at: start + second * 1_000,
  machine: [50, 2, 1_000, 8_000],
  services: servicesOf(['users', 'orders'], value),
});

export type HistoryFolder = Disposable & {
  readonly file: string;
  /** What was said about trouble. */
  readonly said: readonly string[];
  readonly names: () => readonly string[];
  readonly open: () => History;
};

export const historyFolder = (): HistoryFolder => {
  const directory = mkdtempSync(join(tmpdir(), 'forge-history-'));
  const file = join(directory, 'history.db');
  const said: string[] = [];
  return {
    file,
    said,
    names: () => readdirSync(directory),
    open: () => new History({ file, onTrouble: (_severity, text) => said.push(text) }),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
};
