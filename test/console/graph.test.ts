import { describe, expect, test } from 'vitest';
import { gauge, slotOf, sparkline } from '../../src/tui/rows/graph.ts';
import type { Line } from '../../src/tui/rows/line.ts';
import { plot } from '../../src/tui/rows/plot.ts';

const theme = { ascii: false, color: false };
const lines = { warning: 100, critical: 500 };

const textOf = (line: Line): string =>
  line.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join('');
const tonesOf = (line: Line): readonly string[] =>
  line.map((piece) => (typeof piece === 'string' ? 'plain' : piece.tone));

describe('a gauge', () => {
  test.each([
    [0, '───▲───────────────◆────'],
    [50, '━━─▲───────────────◆────'],
    [320, '━━━▲━━━━━━━━───────◆────'],
    [9_000, '━━━▲━━━━━━━━━━━━━━━◆━━━━'],
  ])('of %d shows how far it is from both lines', (value, expected) => {
    expect(textOf(gauge(value, { width: 24, lines, theme }))).toBe(expected);
  });
});

describe('a sparkline', () => {
  const graph = { width: 6, top: 500, lines, theme };

  test('shows the highest value of each sixth of the minute', () => {
    const minute = [0, 100, 250, 400, 700, 0].flatMap((value) => [value, ...Array(9).fill(0)]);
    expect(textOf(sparkline(minute, graph))).toBe('▁▂▄▆▇▁');
  });

  test('leaves out what was not measured, and ends now', () => {
    expect(textOf(sparkline([500, 500, 0, 0], graph))).toBe('     ▇');
    expect(textOf(sparkline([], graph))).toBe('      ');
  });

  test('has the tone of the line that was crossed', () => {
    const minute = [10, 120, 600].flatMap((value) => Array(20).fill(value));
    const line = sparkline(minute, { ...graph, width: 3 });
    expect(tonesOf(line)).toEqual(['dim', 'warning', 'critical']);
  });
});

test('a moment has its place in the minute, until it is over', () => {
  expect(slotOf(0, { width: 60 })).toBe(59);
  expect(slotOf(30_000, { width: 60 })).toBe(29);
  expect(slotOf(30_000, { width: 12 })).toBe(5);
  expect(slotOf(60_001, { width: 60 })).toBeUndefined();
  expect(slotOf(60_001, { width: 60, seconds: 300 })).toBe(47);
});

describe('a curve', () => {
  /** The tones of what is drawn of one value that is there all the time. */
  const tonesAt = (value: number, peak: number): readonly string[] => {
    const values = [...Array(59).fill(value), peak];
    const rows = plot(values, { width: 67, rows: 7, points: 60, lines, theme });
    const drawn = rows.flatMap((row) =>
      row.filter((piece) => /[\u2801-\u28FF]/.test(textOf([piece]))).slice(0, 50),
    );
    return [...new Set(tonesOf(drawn.slice(-50)))];
  };

  // A row is 400 ms high here: the lowest has the warning line in it, and what is below it.
  test.each([
    [20, 'plain'],
    [120, 'warning'],
    [390, 'warning'],
    [560, 'critical'],
  ])('of %d ms has the tone of its value, however high its row is', (value, tone) => {
    expect(tonesAt(value, 2_800)).toEqual([tone]);
  });

  test('has every peak in it, also where one dot stands for several seconds', () => {
    const values = Array.from({ length: 300 }, (_, second) => (second === 151 ? 2_800 : 20));
    const rows = plot(values, { width: 67, rows: 7, points: 300, lines, theme });
    expect(textOf(rows[0] ?? [])).toMatch(/[\u2801-\u28FF]/);
  });
});
