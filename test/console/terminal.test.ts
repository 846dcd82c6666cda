import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FixedSupervisor, serveFixed } from '../helpers/supervisor.ts';
import { openTerminal, type Size, type Terminal } from '../helpers/terminal.ts';
import { plan, rush, scaled } from './shop.ts';

/** The screens themselves are in test/golden/console; `vitest run -u` writes them anew. */
const golden = (name: string): string => join(import.meta.dirname, '../golden/console', name);

const sizes: readonly Size[] = [
  { columns: 120, rows: 40 },
  { columns: 120, rows: 36 },
  { columns: 80, rows: 24 },
];

let supervisor: FixedSupervisor;

beforeAll(async () => {
  supervisor = await serveFixed({ snapshot: rush, plan, action: scaled });
});
afterAll(async () => {
  await supervisor[Symbol.asyncDispose]();
});

const openTop = (size: Size, ...args: readonly string[]): Terminal =>
  openTerminal(['top', '--socket', supervisor.socketPath, ...args], {
    ...size,
    env: { NO_COLOR: '1' },
  });

/** The screen once its last row, which is written last, matches. */
const screenWith = async (terminal: Terminal, lastRow: RegExp): Promise<string> => {
  const rows = await terminal.shows(lastRow);
  expect(rows.at(-1)).toMatch(lastRow);
  return `${rows.join('\n')}\n`;
};

const main = /^ a accept .* enter open {2}\? help .* [16]\/8$/;
const help = /^ a accept .* enter open {2}escape back .* 1\/8$/;
const detail = /^ a accept {2}d dismiss {2}! worst {2}escape back .* 6\/8$/;
const reading = /^ y apply {2}escape cancel {2}tab choose {2}enter confirm .* 6\/8$/;

describe.each(sizes)('at $columns × $rows without colour', (size) => {
  const screen = (view: string): string => golden(`${view}-${size.columns}x${size.rows}.txt`);

  test('the views are as they are meant to be', async () => {
    await using top = openTop(size);
    await expect(await screenWith(top, main)).toMatchFileSnapshot(screen('main'));
    top.type('?');
    await expect(await screenWith(top, help)).toMatchFileSnapshot(screen('help'));
    top.type('q!\r');
    await expect(await screenWith(top, detail)).toMatchFileSnapshot(screen('detail'));
    top.type('q');
    await screenWith(top, main);
    top.type('a');
    await expect(await screenWith(top, reading)).toMatchFileSnapshot(screen('plan'));
  });
});

test('in ASCII at 80 × 24 the main view reads the same', async () => {
  const size = { columns: 80, rows: 24 };
  await using top = openTop(size, '--ascii');
  const shown = await screenWith(top, main);
  expect(shown).toMatch(/^[\n\u0020-\u007E]*$/);
  await expect(shown).toMatchFileSnapshot(golden('main-80x24-ascii.txt'));
});

test('after many sizes the screen is that of a fresh start', async () => {
  const last = { columns: 80, rows: 24 };
  await using fresh = openTop(last);
  await screenWith(fresh, main);
  await using top = openTop({ columns: 120, rows: 36 });
  await screenWith(top, main);
  for (const size of [last, { columns: 160, rows: 50 }, { columns: 60, rows: 15 }, last]) {
    await top.resize(size);
    await expect.poll(() => top.rows()[0]?.length).toBe(size.columns - 1);
  }
  await expect.poll(() => top.rows()).toEqual(fresh.rows());
});

describe('with colour', () => {
  const openColoured = (): Terminal =>
    openTerminal(['top', '--socket', supervisor.socketPath], { columns: 120, rows: 36 });

  test('a critical figure is red and bold, and its neighbours are not', async () => {
    await using top = openColoured();
    const rows = await top.shows(main);
    const y = rows.findIndex((row) => row.includes(' orders '));
    const cellAt = (text: string) =>
      top.emulator.buffer.active.getLine(y)?.getCell(rows[y]?.indexOf(text) ?? 0);
    const red = 1;
    expect(cellAt('612ms')?.getFgColor()).toBe(red);
    expect(cellAt('612ms')?.isBold()).toBeTruthy();
    expect(cellAt('orders')?.isFgDefault()).toBe(true);
  });

  test('the selected row has a background to its end', async () => {
    await using top = openColoured();
    const rows = await top.shows(main);
    const line = top.emulator.buffer.active.getLine(rows.findIndex((row) => row.startsWith('▸')));
    const cells = Array.from({ length: 120 }, (_, x) => line?.getCell(x)?.isBgDefault());
    expect(new Set(cells)).toEqual(new Set([false]));
  });
});
