import xterm from '@xterm/headless';
import { describe, expect, test } from 'vitest';
import { draw, spread, toned, wrap } from '../../src/tui/rows/line.ts';

const plain = { ascii: false, color: false };

describe('a line', () => {
  test.each([
    [['orders'], 8, 'orders  '],
    [['orders ', toned('critical', '612ms')], 9, 'orders 6…'],
    [['naïve 漢字 \u001B[2J\n'], 16, 'naïve ?? ?[2J   '],
  ])('%j is cut or filled to %d columns', (line, width, expected) => {
    expect(draw(line, { width, theme: plain })).toBe(expected);
  });

  test('keeps its right end when the left one is too long', () => {
    const frame = { width: 14, theme: plain };
    expect(draw(spread(['a long name'], ['09:38'], frame), frame)).toBe('a long n…09:38');
  });

  test('is broken between words', () => {
    expect(wrap('P99 is 612 ms for 5 s', 10)).toEqual(['P99 is 612', 'ms for 5 s']);
  });

  test('holds only characters that a terminal draws one column wide', async () => {
    const all = Array.from({ length: 0x3000 }, (_, code) => String.fromCodePoint(code + 32));
    const drawn = [...draw([all.join('')], { width: all.length, theme: plain })];
    const kept = [...new Set(drawn)];
    const emulator = new xterm.Terminal({ cols: kept.length, rows: 1, allowProposedApi: true });
    await new Promise<void>((resolve) => emulator.write(kept.join(''), resolve));
    const line = emulator.buffer.active.getLine(0);
    const cells = kept.map((_, column) => line?.getCell(column)?.getChars());
    emulator.dispose();
    expect(kept.length).toBeGreaterThan(500);
    expect(cells).toEqual(kept);
  });
});
