import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pageOf } from '../helpers/past.ts';
import { type FixedSupervisor, serveFixed } from '../helpers/supervisor.ts';
import { openTerminal, type Size, type Terminal } from '../helpers/terminal.ts';
import { explanation, inspection, logLines, slow } from './depths.ts';
import { calm, helped, plan, scaled, twice } from './shop.ts';

/** The screens themselves are in test/golden/console; `vitest run -u` writes them anew. */
const golden = (name: string): string => join(import.meta.dirname, '../golden/console', name);

const sizes: readonly Size[] = [
  { columns: 160, rows: 50 },
  { columns: 120, rows: 36 },
  { columns: 80, rows: 24 },
  { columns: 60, rows: 15 },
  { columns: 40, rows: 10 },
];

/** Everything that a screen can show: a rush, a second recommendation, an action that has helped. */
const snapshot = { ...twice, actions: [helped] };

/** A minute before it all was well. */
const end = Date.parse(snapshot.status.at);
const history = pageOf([
  { ...calm, status: { ...calm.status, at: new Date(end - 60_000).toISOString() }, events: [] },
  snapshot,
]);

let supervisor: FixedSupervisor;

beforeAll(async () => {
  supervisor = await serveFixed({
    snapshot,
    plan,
    action: scaled,
    inspection,
    slow,
    explanation,
    logs: logLines,
    history,
  });
});
afterAll(async () => {
  await supervisor[Symbol.asyncDispose]();
});

const openTop = (size: Size, ...args: readonly string[]): Terminal =>
  openTerminal(['top', '--socket', supervisor.socketPath, ...args], {
    ...size,
    env: { NO_COLOR: '1' },
  });

/** The screen once one of its rows matches. */
const screenWith = async (terminal: Terminal, mark: RegExp | string): Promise<string> => {
  const rows = await terminal.shows(mark);
  return `${rows.join('\n')}\n`;
};

const main = /^ a accept .* [16]\/8$/;

/** Every screen: the keys that lead to it from the one before, and what shows that it is there. */
const walk: readonly (readonly [name: string, keys: string, mark: RegExp | string])[] = [
  ['main', '', main],
  ['filter', '/cpu>50', 'filter: cpu>50_'],
  ['sort', '\u001Bs', 'ORDER'],
  ['dismiss', '\u001Bd', 'DISMISS'],
  ['mode', '\u001Bm', 'AUTOPILOT'],
  ['command', '\u001B:scale orders 2', /:scale orders 2_/],
  ['help', '\u001B?', 'EVERYWHERE'],
  ['actions', '?U', 'ACTIONS'],
  ['logs', '\u001B!\r5', /GET \/health/],
  ['latency', '3', /5625 requests/],
  ['overview', '1', /\[1 overview\]/],
  ['workers', '2', /\[2 workers\]/],
  ['dependencies', '4', /\[4 dependencies\]/],
  ['search', '5/deadline\r', /\/deadline 1\/4/],
  ['level', 'v', 'LEVEL'],
  ['config', '\u001B6', /\[6 config\]/],
  ['advice', '7', /\[7 advice/],
  ['slow', 'T', 'SLOW CALLS'],
  ['why', 'qqw', 'WHY  orders'],
  ['plan', 'qa', /\[ Cancel \]/],
  ['replay', 'q@-1m\r', /REPLAY 09:37:19 .*×1 ■/],
];

describe.each(sizes)('at $columns × $rows without colour', (size) => {
  test('every screen is as it is meant to be', async () => {
    await using top = openTop(size);
    for (const [name, keys, mark] of walk) {
      top.type(keys);
      const file = golden(`${size.columns}x${size.rows}/${name}.txt`);
      await expect(await screenWith(top, mark)).toMatchFileSnapshot(file);
    }
  });
});

test('in ASCII at 80 × 24 the main view reads the same', async () => {
  const size = { columns: 80, rows: 24 };
  await using top = openTop(size, '--ascii');
  const shown = await screenWith(top, main);
  expect(shown).toMatch(/^[\n\u0020-\u007E]*$/);
  await expect(shown).toMatchFileSnapshot(golden('80x24/main-ascii.txt'));
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
