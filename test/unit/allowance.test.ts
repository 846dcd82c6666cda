import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Allowance } from '../../src/supervisor/care/allowance.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

test('five replacements a minute, and no more', () => {
  const allowance = new Allowance();
  const taken = Array.from({ length: 7 }, () => {
    const may = allowance.take();
    if (may) allowance.succeeded();
    vi.advanceTimersByTime(5_000);
    return may;
  });
  expect(taken).toEqual([true, true, true, true, true, false, false]);
  vi.advanceTimersByTime(25_001);
  expect(allowance.take()).toBe(true);
});

test('a try that failed is made again after a rest, twice as long each time, until one succeeds', () => {
  const allowance = new Allowance();
  const at: number[] = [];
  const tryUntil = (seconds: number, end: () => void): void => {
    for (; performance.now() < seconds * 1_000; vi.advanceTimersByTime(500)) {
      if (!allowance.take()) continue;
      at.push(performance.now() / 1_000);
      end();
    }
  };
  const begin = performance.now() / 1_000;
  tryUntil(begin + 95, () => allowance.failed());
  expect(at.map((each) => each - begin)).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);

  vi.advanceTimersByTime(30_000);
  expect(allowance.take()).toBe(true);
  allowance.succeeded();
  expect(allowance.take()).toBe(true);
  allowance.failed();
  vi.advanceTimersByTime(1_000);
  expect(allowance.take()).toBe(true);
});
