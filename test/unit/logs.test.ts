import { expect, test } from 'vitest';
import { parseLogRecord, spoolFile } from '../../src/protocol/logs.ts';
import { bytes, days, instant, megabytes, percent } from '../../src/protocol/units.ts';
import {
  newSpool,
  parseSegment,
  parseSpool,
  segmentFile,
} from '../../src/supervisor/logs/names.ts';
import {
  isDiskLow,
  isRollDue,
  planRotation,
  planSpool,
  type StoredSegment,
} from '../../src/supervisor/logs/plan-rotation.ts';
import { decodeEntries, encodeEntry } from '../../src/supervisor/logs/time-index.ts';

const limits = {
  maxSize: megabytes(16),
  maxAge: days(7),
  budget: megabytes(100),
  minFree: percent(5),
};
const now = instant(Date.UTC(2026, 10, 22));

const segment = (
  worker: string,
  from: number,
  fields: Partial<StoredSegment> = {},
): StoredSegment => ({
  worker,
  start: 1,
  from,
  bytes: megabytes(10),
  writtenAt: now,
  isResumed: false,
  ...fields,
});

const names = (segments: readonly StoredSegment[]): readonly string[] =>
  segments.map(({ worker, from }) => `${worker} ${from}`);

test('inside the budget nothing is deleted', () => {
  expect(planRotation([segment('a', 0), segment('b', 0)], limits, now)).toEqual([]);
});

test('a segment is deleted when its age is over, unless its end is still needed', () => {
  const old = { writtenAt: instant(now - days(8)) };
  const segments = [segment('a', 0, old), segment('a', 1, { ...old, isResumed: true })];
  expect(names(planRotation(segments, limits, now))).toEqual(['a 0']);
});

test('over the budget the oldest of whoever takes the most goes first', () => {
  const loud = Array.from({ length: 9 }, (_, index) => segment('loud', index));
  const segments = [...loud.toReversed(), segment('quiet', 0), segment('quiet', 1)];
  expect(names(planRotation(segments, limits, now))).toEqual(['loud 0']);

  const small = { ...limits, budget: megabytes(40) };
  expect(names(planRotation(segments, small, now))).toEqual([
    ...loud.slice(0, 7).map((_, index) => `loud ${index}`),
  ]);
});

test('where a spool is resumed is never deleted, however small the budget', () => {
  const segments = [segment('a', 0), segment('a', 1, { isResumed: true })];
  const none = { ...limits, budget: bytes(0) };
  expect(names(planRotation(segments, none, now))).toEqual(['a 0']);
});

test.each([
  ['small and young', { size: 5, openedAt: now }, false],
  ['large', { size: megabytes(16), openedAt: now }, true],
  ['a seventh of the greatest age old', { size: 5, openedAt: now - days(1) }, true],
  ['old but empty', { size: 0, openedAt: now - days(1) }, false],
])('a segment that is %s', (_name, one, isDue) => {
  expect(isRollDue(one, limits, now)).toBe(isDue);
});

const mb = (value: number): number => megabytes(value);

test.each([
  ['nothing is due', { size: mb(20), copied: mb(19), givenBack: 0, isLow: false }, {}],
  [
    'a step is copied',
    { size: mb(21), copied: mb(20), givenBack: 0, isLow: false },
    { giveBackTo: mb(16) },
  ],
  [
    'the next step is copied',
    { size: mb(40), copied: mb(36), givenBack: mb(16), isLow: false },
    { giveBackTo: mb(32) },
  ],
  [
    'more is left than is ever kept',
    { size: mb(201), copied: mb(100), givenBack: mb(96), isLow: false },
    { skipTo: mb(151), giveBackTo: mb(147) },
  ],
  [
    'little is left, on a low disk',
    { size: mb(30), copied: mb(16), givenBack: mb(12), isLow: true },
    {},
  ],
  [
    'much is left, on a low disk',
    { size: mb(40), copied: mb(16), givenBack: mb(12), isLow: true },
    { skipTo: mb(32), giveBackTo: mb(28) },
  ],
])('a spool of which %s', (_name, { isLow, ...spool }, plan) => {
  expect(planSpool(spool, limits, isLow)).toEqual(plan);
});

test('a disk is low below its line, and until it is a little above', () => {
  expect(isDiskLow(false, 5.2, 5)).toBe(false);
  expect(isDiskLow(false, 4.9, 5)).toBe(true);
  expect(isDiskLow(true, 5.2, 5)).toBe(true);
  expect(isDiskLow(true, 5.5, 5)).toBe(false);
});

test('names of files say whose bytes they hold, and sort like them', () => {
  const stream = { worker: '_isolated:users#1', start: 1_795_600_692_585 };
  expect(parseSpool(spoolFile('', stream).replace('spool/', ''))).toEqual(stream);
  const file = segmentFile('/logs', { ...stream, from: 4096 });
  expect(file).toBe('/logs/_isolated:users#1/1795600692585~000000000004096.log');
  expect(parseSegment(stream.worker, file.split('/').at(-1) ?? '')).toEqual({
    ...stream,
    from: 4096,
  });
  expect(parseSpool('users#1~5.log.pid')).toBeUndefined();
  expect(newSpool('/logs', 'users#1')).not.toBe(newSpool('/logs', 'users#1'));
});

test('an index entry that a crash cut short is none', () => {
  const entries = [
    { offset: 0, at: 5 },
    { offset: 2 ** 40, at: 6 },
  ];
  const buffer = Buffer.concat(entries.map(encodeEntry));
  expect(decodeEntries(buffer)).toEqual(entries);
  expect(decodeEntries(buffer.subarray(0, 31))).toEqual(entries.slice(0, 1));
});

const own = {
  time: '2026-11-22T10:00:00.000Z',
  level: 'warn',
  service: 'users',
  worker: 'main#1',
  msg: 'hello',
};

test('only a line that names its own writer is read as one of ours', () => {
  const line = JSON.stringify({ ...own, orderId: 7 });
  expect(parseLogRecord(line, 'main#1')).toEqual({
    time: own.time,
    level: 'warn',
    service: 'users',
    msg: 'hello',
    fields: { orderId: 7 },
  });
  expect(parseLogRecord(line, 'main#2')).toBeUndefined();
  expect(parseLogRecord(line.slice(0, -1), 'main#1')).toBeUndefined();
  expect(parseLogRecord(JSON.stringify({ ...own, time: 'noon' }), 'main#1')).toBeUndefined();
  expect(parseLogRecord('{"time":"', 'main#1')).toBeUndefined();
  expect(parseLogRecord('plain', 'main#1')).toBeUndefined();
});
