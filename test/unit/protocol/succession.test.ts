import { describe, expect, test } from 'vitest';
import { isPausing, withStart } from '../../../src/protocol/worker/succession.ts';

const graceMs = 60_000;

/** How long after its start the next supervisor may be started, when each crashes after `livesMs`. */
const pausesOf = (count: number, livesMs: number, orphanGraceMs = graceMs): readonly number[] => {
  const pauses: number[] = [];
  let starts: readonly number[] = [];
  for (let at = 0; pauses.length < count; ) {
    starts = withStart(starts, at);
    let next = at + livesMs;
    while (isPausing(starts, next, orphanGraceMs)) next += 100;
    pauses.push(next - at);
    at = next;
  }
  return pauses;
};

describe('the next supervisor is started', () => {
  test('at once, ten times in a row', () => {
    expect(pausesOf(9, 500)).toEqual(Array.from({ length: 9 }, () => 500));
  });

  test('later and later when each crashes within a minute, and never given up', () => {
    expect(pausesOf(40, 500).slice(9)).toEqual([
      1_000,
      2_000,
      4_000,
      8_000,
      16_000,
      ...Array.from({ length: 26 }, () => 30_000),
    ]);
  });

  test('at once again after one that lived for more than a minute', () => {
    const series = [...Array.from({ length: 15 }, (_, index) => index * 1_000), 90_000];
    expect(isPausing(series.slice(0, -1), 15_000, graceMs)).toBe(true);
    expect(isPausing(series, 90_500, graceMs)).toBe(false);
  });

  test('while the workers still serve without one', () => {
    expect(Math.max(...pausesOf(40, 500, 10_000))).toBe(5_000);
  });

  test('at once when the clock was set back', () => {
    const series = Array.from({ length: 15 }, (_, index) => 3_600_000 + index);
    expect(isPausing(series, 1_000, graceMs)).toBe(false);
  });
});
