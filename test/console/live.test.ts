import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import { screenRows } from '../../src/tui/screens/screen.ts';
import { isSmallSize } from '../../src/tui/screens/size.ts';
import { initialState, withSnapshot } from '../../src/tui/state/state.ts';
import { toCells } from '../../src/tui/terminal/cells.ts';
import { atRest } from '../helpers/at-rest.ts';
import { crowd } from '../helpers/crowd.ts';
import { seed } from '../helpers/seed.ts';
import { type FixedSupervisor, serveFixed } from '../helpers/supervisor.ts';
import { openTerminal, type Size, type Terminal } from '../helpers/terminal.ts';
import { rush } from './shop.ts';

const wide = { columns: 160, rows: 50 };

const openTop = ({ socketPath }: FixedSupervisor, size: Size, renderer = 'live'): Terminal =>
  openTerminal(['top', '--socket', socketPath, '--every', '200'], {
    ...size,
    env: { FORGE_TUI_RENDERER: renderer },
  });

/** What is in each cell, and how it is painted. */
const cellsOf = ({ emulator }: Terminal): readonly string[] =>
  Array.from({ length: emulator.rows }, (_, y) => {
    const line = emulator.buffer.active.getLine(emulator.buffer.active.viewportY + y);
    return Array.from({ length: emulator.cols }, (_, x) => {
      const cell = line?.getCell(x);
      const paint = [cell?.getFgColor(), cell?.getBgColor(), cell?.isBold(), cell?.isInverse()];
      return `${cell?.getChars() || ' '}${paint.join(',')}`;
    }).join(' ');
  });

/** Rows of which a cell differs, as both show them. */
const unequal = (one: Terminal, other: Terminal): readonly string[] => {
  const [cells, others] = [cellsOf(one), cellsOf(other)];
  return one
    .rows()
    .flatMap((row, y) => (cells[y] === others[y] ? [] : [`${row}\n${other.rows()[y]}`]));
};

/** The whole screen of a console that was just started, with the first service selected. */
const fresh = (snapshot: Snapshot, size: Size, selected = 0): readonly string[] => {
  const isSmall = isSmallSize(size);
  const state = { ...withSnapshot(initialState(false), snapshot), selected, isSmall };
  return screenRows(state, size, { ascii: false, color: false }).map((row) => row.trimEnd());
};

describe('the painted screen', () => {
  test('is, cell by cell, the one that Ink alone draws: after keys and after other sizes', async () => {
    await using supervisor = await serveFixed({ snapshot: crowd(30, 1) });
    await using live = openTop(supervisor, wide);
    await using plain = openTop(supervisor, wide, 'ink');
    await plain.shows(/1\/30$/);
    const narrow = { columns: 120, rows: 40 };
    const steps: readonly (readonly [string, Size, RegExp])[] = [
      ['', wide, /1\/30$/],
      ['jjj', wide, /4\/30$/],
      ['', narrow, /4\/30$/],
      ['?', narrow, /KEYS/],
      ['qG', wide, /30\/30$/],
    ];
    for (const [keys, size, mark] of steps) {
      for (const each of [live, plain]) {
        await each.resize(size);
        each.type(keys);
        await each.shows(mark);
      }
      await expect.poll(() => unequal(live, plain), { message: `${keys} ${mark}` }).toEqual([]);
    }
    expect(plain.rows().at(-1)).toMatch(/30\/30$/);
  });

  test('is after any of 200 sizes that of a fresh start', async () => {
    await using supervisor = await serveFixed({ snapshot: rush });
    const sizes = fc.sample(
      fc.record({
        columns: fc.integer({ min: 40, max: 200 }),
        rows: fc.integer({ min: 10, max: 60 }),
      }),
      { numRuns: 200, seed },
    );
    await using top = openTop(supervisor, wide);
    await top.shows(/1\/8$/);
    expect(top.rows()).toEqual(fresh(rush, wide));
    for (const size of sizes) {
      await top.resize(size);
      const message = `seed ${seed}, ${size.columns}x${size.rows}`;
      await expect.poll(() => top.rows(), { interval: 2, message }).toEqual(fresh(rush, size));
    }
  });
});

describe('what goes over the wire', () => {
  /** Bytes of what `act` brings about, until the whole screen is as it should be. */
  const cost = async (
    top: Terminal,
    act: () => void,
    expected: readonly string[],
  ): Promise<number> => {
    const before = top.bytes();
    act();
    await expect.poll(() => top.rows(), { interval: 2 }).toEqual(expected);
    return top.bytes() - before;
  };

  test('is at most 1.6 KB a key, and 8 KB when every figure has changed', async () => {
    await using supervisor = await serveFixed({ snapshot: crowd(30, 1) });
    await using top = openTop(supervisor, wide);
    await top.shows(/1\/30$/);
    const moved = fresh(crowd(30, 1), wide, 1);
    expect(await cost(top, () => top.type('j'), moved)).toBeLessThan(1_600);
    const next = crowd(30, 2);
    const later = fresh(next, wide, 1);
    expect(await cost(top, () => supervisor.show(next), later)).toBeLessThan(8_000);
  });

  test('is nothing at all while nothing changes', async () => {
    await using supervisor = await serveFixed({ snapshot: crowd(30, 1) });
    await using top = openTop(supervisor, wide);
    await top.shows(/1\/30$/);
    top.type('j');
    await top.shows(/2\/30$/);
    await atRest(top.bytes, supervisor);
  });
});

test('a row is cut into cells with the paint of each', () => {
  expect(toCells('a\u001B[31;1mb\u001B[0m\u001B[48;5;236mc')).toEqual({
    text: 'abc',
    styles: ['', '31;1', '48;5;236'],
  });
});
