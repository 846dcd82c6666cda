import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { initialMemory } from '../../../src/advisor/memory/memory.ts';
import type { HistoryPage } from '../../../src/protocol/history/messages.ts';
import { defaultThresholds } from '../../../src/protocol/thresholds.ts';
import { Recorder } from '../../../src/supervisor/history/recorder.ts';
import { ownEvent, Timeline } from '../../../src/supervisor/watch/timeline.ts';
import { rush } from '../../console/shop.ts';
import { historyFolder, momentAt, servicesOf, start, valuesOf } from '../../helpers/history.ts';

test('a second, ten of them and a minute are read as they were kept', () => {
  using folder = historyFolder();
  using history = folder.open();
  for (let second = 0; second < 61; second += 1)
    history.tick(momentAt(second, second), initialMemory);

  const seconds = history.query({ from: start, to: start + 61_000 });
  expect(seconds.at).toEqual(Array.from({ length: 61 }, (_, second) => start + second * 1_000));
  expect(valuesOf(seconds, 'users', 'cpu').slice(0, 4)).toEqual([0, 1, 2, 3]);
  const tens = history.query({ from: start, to: start + 61_000, stepMs: 10_000 });
  expect(tens.at).toEqual([0, 10, 20, 30, 40, 50].map((second) => start + second * 1_000));
  expect(valuesOf(tens, 'users', 'cpu').slice(0, 2)).toEqual([4.5, 14.5]);
  expect(valuesOf(tens, 'users', 'p99').slice(0, 2)).toEqual([9, 19]);
  const minutes = history.query({ from: start, to: start + 61_000, stepMs: 60_000 });
  expect(valuesOf(minutes, 'users', 'p99')).toEqual([59]);
  expect(valuesOf(minutes, 'users', 'cpu')).toEqual([29.5]);
});

test('a supervisor that died in the midst of a minute costs the minute nothing', () => {
  using folder = historyFolder();
  for (let second = 0; second < 61; second += 1) {
    using history = folder.open();
    history.tick(momentAt(second, second), initialMemory);
  }
  using history = folder.open();
  const page = history.query({ from: start, to: start + 61_000, stepMs: 60_000 });
  expect(valuesOf(page, 'users', 'cpu')).toEqual([29.5]);
});

test('a period is asked for page by page, and no part of it is told twice', () => {
  using folder = historyFolder();
  using history = folder.open();
  const many = Array.from({ length: 400 }, (_, index) => `service${index}`);
  for (let second = 0; second < 310; second += 1) {
    history.tick({ ...momentAt(second, 7), services: servicesOf(many, 7) }, initialMemory);
  }
  const pages: HistoryPage[] = [];
  for (let from: number | undefined = start; from !== undefined; from = pages.at(-1)?.next) {
    const page: HistoryPage = history.query({ from, to: start + 310_000 });
    expect(JSON.stringify(page).length).toBeLessThan(6 * 1024 * 1024);
    pages.push(page);
  }
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.flatMap(({ at }) => at)).toEqual(
    Array.from({ length: 310 }, (_, second) => start + second * 1_000),
  );
});

test('what happened is told with the period, and the layout and the advice that held before', () => {
  using folder = historyFolder();
  using history = folder.open();
  const layout = (at: number) => ({ kind: 'layout', at, services: [] }) as const;
  history.record(layout(start));
  history.record(layout(start + 5_000));
  history.record({ kind: 'event', at: start + 12_000, event: eventAt(start + 12_000, 'one') });
  history.record(layout(start + 15_000));
  history.tick(momentAt(20, 1), initialMemory);

  const page = history.query({ from: start + 10_000, to: start + 15_000 });
  expect(page.records).toMatchObject([{ kind: 'event', event: { text: 'one' } }]);
  expect(page.held).toEqual([layout(start + 5_000)]);
  const period = { from: start, to: start + 30_000 };
  const { records, held, ...figures } = history.query({ ...period, figuresOnly: true });
  expect([records, held]).toEqual([[], []]);
  expect(history.query(period)).toMatchObject(figures);
  expect(history.lastEvents(10)).toMatchObject([{ text: 'one' }]);
});

test.each([
  ['back by an hour', -3_600],
  ['forward by two days', 2 * 86_400],
])('a clock that is set %s doubles no second and deletes none', (_name, bySeconds) => {
  using folder = historyFolder();
  using history = folder.open();
  for (let second = 0; second < 100; second += 1) history.tick(momentAt(second, 1), initialMemory);
  for (let second = 100; second < 200; second += 1) {
    history.tick(momentAt(second + bySeconds, 2), initialMemory);
  }
  // And set right again.
  for (let second = 150; second < 160; second += 1)
    history.tick(momentAt(second, 3), initialMemory);
  history.tick(momentAt(90, 4), initialMemory);

  const page = history.query({ from: 0, to: start * 2, stepMs: 1_000 });
  expect(new Set(page.at).size).toBe(page.at.length);
  expect(page.at).toEqual(page.at.toSorted((a, b) => a - b));
  expect(page.at.filter((at) => at >= start && at < start + 100_000)).toHaveLength(100);
  expect(page.at).toHaveLength(210);
  const at90 = page.at.indexOf(start + 90_000);
  expect(valuesOf(page, 'users', 'cpu')[at90]).toBe(4);
});

test.each<[string, (file: string) => void]>([
  ['empty', (file) => truncateSync(file, 0)],
  ['cut off', (file) => truncateSync(file, 5_000)],
  ['no database', (file) => writeFileSync(file, 'something else\n'.repeat(1_000))],
  ['of a later version', (file) => change(file, 'PRAGMA user_version = 99')],
  ['of somebody else', (file) => change(file, 'DROP TABLE seconds; CREATE TABLE seconds (a)')],
])('a history that is %s is set aside, said, and begun anew', (_name, damage) => {
  using folder = historyFolder();
  {
    using history = folder.open();
    for (let second = 0; second < 30; second += 1) history.tick(momentAt(second, 1), initialMemory);
  }
  damage(folder.file);
  using history = folder.open();
  history.tick(momentAt(40, 1), initialMemory);
  expect(history.query({ from: start, to: start + 60_000 }).at).toEqual([start + 40_000]);
  expect(folder.said).toHaveLength(1);
  expect(folder.said[0]).toMatch(
    /^the history cannot be read \(.*\): begun anew, see history\.db\.corrupt-/,
  );
  expect(folder.names().filter((name) => name.includes('.corrupt-'))).not.toEqual([]);
});

test('a history that is damaged while it is open is begun anew as well', () => {
  using folder = historyFolder();
  using history = folder.open();
  for (let second = 0; second < 600; second += 1) history.tick(momentAt(second, 1), initialMemory);
  change(folder.file, 'PRAGMA wal_checkpoint(TRUNCATE)');
  const bytes = readFileSync(folder.file);
  writeFileSync(folder.file, bytes.fill(7, 4_096));
  for (let second = 600; second < 700; second += 1)
    history.tick(momentAt(second, 1), initialMemory);
  expect(folder.said.join()).toContain('begun anew');
  expect(history.query({ from: start + 690_000, to: start + 700_000 }).at).toHaveLength(10);
});

const eventAt = (at: number, text: string) =>
  ({
    at: new Date(at).toISOString(),
    kind: 'worker',
    severity: 'ok',
    service: 'users',
    text,
  }) as const;

const change = (file: string, sql: string): void => {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
};

test('events of a time are all there, also those that are no longer at hand or not yet saved', () => {
  using folder = historyFolder();
  using history = folder.open();
  const timeline = new Timeline();
  timeline.keepIn(history);
  for (let number = 0; number < 500; number += 1) {
    timeline.add({ ...ownEvent(`event ${number}`), at: new Date(start + number).toISOString() });
  }
  const texts = timeline.since(start + 100).map(({ text }) => text);
  expect([texts.length, texts[0], texts.at(-1)]).toEqual([400, 'event 100', 'event 499']);
  expect(timeline.since(start + 490)).toHaveLength(10);
});

test('advice is kept together with the lines that it was judged by, and again when they change', () => {
  using folder = historyFolder();
  using history = folder.open();
  const recorder = new Recorder(history);
  const advisory = { recommendations: [], notAdvised: [], memory: initialMemory };
  const strict = { ...defaultThresholds, pending: { warning: 1, critical: 2 } };
  const seen = { status: rush.status, advisory };
  recorder.tick({ ...seen, at: start, thresholds: defaultThresholds });
  recorder.tick({ ...seen, at: start + 1_000, thresholds: defaultThresholds });
  recorder.tick({ ...seen, at: start + 2_000, thresholds: strict });
  recorder.tick({ ...seen, at: start + 3_000, thresholds: strict });
  const { records } = history.query({ from: start, to: start + 9_000 });
  const lines = records.flatMap((each) => (each.kind === 'advice' ? [each.thresholds] : []));
  expect(lines).toEqual([defaultThresholds, strict]);
});
