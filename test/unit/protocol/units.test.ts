import { expect, test } from 'vitest';
import { formatDuration, parseDuration, parseSize } from '../../../src/protocol/units.ts';

test.each([
  [0, 0],
  [250, 250],
  ['0 ms', 0],
  ['500ms', 500],
  ['20 s', 20_000],
  ['1.5s', 1_500],
  ['2 min', 120_000],
  ['2m', 120_000],
  ['1.5h', 5_400_000],
  ['3 d', 259_200_000],
  ['  30s  ', 30_000],
])('the time %j is %i ms', (text, value) => {
  expect(parseDuration(text)).toBe(value);
});

test.each([
  '',
  's',
  '30',
  '30 sec',
  '-1s',
  '1e3s',
  '1,5 s',
  '1 s 2 ms',
  '٣s',
  Number.NaN,
  -1,
  Infinity,
])('%j is no time', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  [0, 0],
  [4096, 4096],
  ['100 B', 100],
  ['1KB', 1_024],
  ['512MB', 536_870_912],
  ['512 mb', 536_870_912],
  ['1.5 GB', 1_610_612_736],
  ['1TB', 1_099_511_627_776],
])('the size %j is %i bytes', (text, value) => {
  expect(parseSize(text)).toBe(value);
});

test.each(['', 'MB', '512', '512 M', '512MiB', '-1MB', '1 PB', Number.NaN, -1, Infinity])(
  '%j is no size',
  (text) => {
    expect(parseSize(text)).toBeUndefined();
  },
);

test.each([
  [0, '0 ms'],
  [1_500, '1500 ms'],
  [90_000, '90 s'],
  [3_600_000, '1 h'],
  [604_800_000, '7 d'],
])('the time of %i ms is written as %s', (time, text) => {
  expect(formatDuration(time)).toBe(text);
  expect(parseDuration(text)).toBe(time);
});
