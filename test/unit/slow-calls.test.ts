import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeptCall } from '../../src/protocol/slow-calls.ts';
import { SlowCalls } from '../../src/sdk/rpc/meters/slow-calls.ts';

const call = (tookMs: number, at = 0): KeptCall => ({
  at,
  kind: 'call',
  method: 'rest',
  tookMs,
  waitedMs: 0,
  from: 'gate',
  traceId: '',
  outcome: 'ok',
});

/** As whoever counts calls does it. */
const count = (slow: SlowCalls, ...calls: readonly KeptCall[]): void => {
  for (const each of calls) if (each.tookMs > slow.floorMs) slow.keep(each);
};

const timesOf = (slow: SlowCalls, at: number): readonly number[] =>
  slow
    .list(at)
    .map(({ tookMs }) => tookMs)
    .toSorted((a, b) => b - a);

test('of each slice of time the slowest are kept, whatever order they come in', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true })), (times) => {
      const slow = new SlowCalls();
      slow.turn(0);
      count(slow, ...times.map((tookMs) => call(tookMs)));
      expect(timesOf(slow, 0)).toEqual(times.toSorted((a, b) => b - a).slice(0, 8));
    }),
  );
});

test('what a rush has made the least to be kept is forgotten in the next slice', () => {
  const slow = new SlowCalls();
  slow.turn(0);
  count(slow, ...Array.from({ length: 20 }, (_, index) => call(100 + index, 1)));
  expect(slow.floorMs).toBe(112);
  slow.turn(1_000);
  expect(slow.floorMs).toBe(112);
  slow.turn(5_000);
  expect(slow.floorMs).toBe(0);
  count(slow, call(3, 5_001));
  expect(timesOf(slow, 5_002).slice(-2)).toEqual([112, 3]);
});

test('after a minute a call is forgotten, so that there are never many', () => {
  const slow = new SlowCalls();
  for (let at = 0; at < 600_000; at += 1_000) {
    slow.turn(at);
    count(slow, ...Array.from({ length: 30 }, (_, index) => call(index + 1, at)));
  }
  expect(slow.list(600_000).length).toBeLessThanOrEqual(13 * 8);
  expect(Math.min(...slow.list(600_000).map(({ at }) => at))).toBeGreaterThan(539_000);
  expect(slow.list(700_000)).toEqual([]);
});
