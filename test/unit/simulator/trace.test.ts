import { expect, test } from 'vitest';
import { parseTrace, rateAt, scaledTo, secondsOf } from '../../../src/simulator/trace.ts';

const text = 'timestamp_s,requests_per_s\n0,10\n60,20\n120,5\n';

test('a trace is the rate of each step, scaled by its peak', () => {
  const trace = scaledTo(parseTrace('day.csv', text), 100);
  expect(secondsOf(trace)).toBe(180);
  expect([0, 59, 60, 179, 500].map((second) => rateAt(trace, second))).toEqual([
    50, 50, 100, 25, 25,
  ]);
});

const rows = (...each: readonly string[]): string =>
  ['timestamp_s,requests_per_s', ...each, ''].join('\n');

test('a row holds until the next one', () => {
  const trace = parseTrace('gap.csv', rows('5,1', '6,2', '8,3'));
  expect(trace.requestsPerSecond).toEqual([1, 2, 2, 3]);
});

test('also when the steps are of many lengths, or of parts of a second', () => {
  const uneven = parseTrace('uneven.csv', rows('0,10', '3,20', '5,30'));
  expect(uneven).toMatchObject({ stepSeconds: 1, requestsPerSecond: [10, 10, 10, 20, 20, 30, 30] });
  const fine = parseTrace('fine.csv', rows('0,10', '0.5,20', '1,30', '1.5,50'));
  expect(fine).toMatchObject({ stepSeconds: 1, requestsPerSecond: [15, 40] });
});

test.each([
  ['another heading', 'time,rate\n0,1\n1,2\n', /line 1 is not the heading/],
  ['a row that is no number', 'timestamp_s,requests_per_s\n0,1\n1,many\n', /line 3 is not two/],
  ['a negative rate', 'timestamp_s,requests_per_s\n0,1\n1,-2\n', /line 3 is not two numbers/],
  ['one step', 'timestamp_s,requests_per_s\n0,1\n', /two steps or more/],
  ['time that stands still', rows('0,1', '0,2'), /line 3 is not later/],
  ['time that stands still later on', rows('0,1', '1,2', '1,3'), /line 4 is not later/],
  ['time that goes back', rows('0,1', '60,2', '30,3'), /line 4 is not later/],
  ['more than anybody waits for', rows('0,1', '1,2', '2e9,3'), /line 4 is more than 92 days after/],
])('%s is refused, with its line', (_name, csv, message) => {
  expect(() => parseTrace('bad.csv', csv)).toThrow(message);
});
