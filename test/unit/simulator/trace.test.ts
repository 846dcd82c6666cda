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

test('a step that is missing had no request', () => {
  const trace = parseTrace('gap.csv', 'timestamp_s,requests_per_s\n5,1\n6,2\n8,3\n');
  expect(trace.requestsPerSecond).toEqual([1, 2, 0, 3]);
});

test.each([
  ['another heading', 'time,rate\n0,1\n1,2\n', /line 1 is not the heading/],
  ['a row that is no number', 'timestamp_s,requests_per_s\n0,1\n1,many\n', /line 3 is not two/],
  ['a negative rate', 'timestamp_s,requests_per_s\n0,1\n1,-2\n', /line 3 is not two numbers/],
  ['one step', 'timestamp_s,requests_per_s\n0,1\n', /two steps or more/],
  ['time that stands still', 'timestamp_s,requests_per_s\n0,1\n0,2\n', /line 3 is not later/],
])('%s is refused, with its line', (_name, csv, message) => {
  expect(() => parseTrace('bad.csv', csv)).toThrow(message);
});
