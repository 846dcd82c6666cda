import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pace } from '../../src/sdk/rpc/meters/pace.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});

afterEach(() => {
  vi.useRealTimers();
});

/** When each of them acts in so many ms, by the wall clock. */
const momentsOf = (seats: readonly number[], forMs: number, everyMs = 1_000) => {
  const acted = seats.map((): number[] => []);
  const paces = seats.map(
    (seat, index) => new Pace(() => acted[index]?.push(Date.now()), { seat }),
  );
  for (const pace of paces) pace.every(everyMs);
  vi.advanceTimersByTime(forMs);
  for (const pace of paces) pace.stop();
  return acted.map((times) => times.map((at) => at - 1_000_000));
};

test('processes act in four moments of each period, wherever in it they began', () => {
  vi.setSystemTime(1_000_130);
  const [first, second, third, fourth, fifth] = momentsOf([4, 5, 6, 7, 8], 3_500);
  expect(first).toEqual([1_000, 2_000, 3_000]);
  expect(second).toEqual([1_250, 2_250, 3_250]);
  expect(third).toEqual([500, 1_500, 2_500, 3_500]);
  expect(fourth).toEqual([750, 1_750, 2_750]);
  expect(fifth).toEqual(first);
});

test('a period that would be short is joined to the next one', () => {
  vi.setSystemTime(1_000_800);
  expect(momentsOf([0], 2_000)).toEqual([[2_000]]);
});

test('who was held up acts at once, and then in its moment again', () => {
  const acted: number[] = [];
  const pace = new Pace(() => acted.push(Date.now() - 1_000_000), { seat: 0 });
  pace.every(1_000);
  vi.advanceTimersByTime(999);
  vi.setSystemTime(1_003_400);
  vi.advanceTimersByTime(2_600);
  pace.stop();
  expect(acted).toEqual([3_401, 4_000, 5_000, 6_000]);
});

test('another period begins at once, and a stopped one never acts again', () => {
  const acted: number[] = [];
  const pace = new Pace(() => acted.push(Date.now() - 1_000_000), { seat: 0 });
  pace.every(1_000);
  vi.advanceTimersByTime(1_000);
  pace.every(250);
  vi.advanceTimersByTime(500);
  pace.stop();
  vi.advanceTimersByTime(2_000);
  expect(acted).toEqual([1_000, 1_250, 1_500]);
});
