import { expect, test } from 'vitest';
import { atRest } from '../helpers/at-rest.ts';
import { serveFixed } from '../helpers/supervisor.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';
import { calm, rush } from './shop.ts';

const openTop = (socketPath: string): Terminal =>
  openTerminal(['top', '--socket', socketPath, '--every', '200'], { columns: 120, rows: 36 });

test('Z holds the figures, says so, and lets them go on', async () => {
  await using supervisor = await serveFixed({ snapshot: rush });
  await using top = openTop(supervisor.socketPath);
  await top.shows('612ms◆');
  top.type('Z');
  await top.shows('▲ HELD');
  supervisor.show(calm);
  const served = supervisor.served();
  await expect.poll(() => supervisor.served()).toBeGreaterThan(served + 3);
  expect(top.rows().join('\n')).toContain('612ms◆');
  top.type('Z');
  await top.shows('● LIVE');
  await top.shows('no service is under pressure');
});

test('t goes from theme to theme, and colours change with it', async () => {
  await using supervisor = await serveFixed({ snapshot: rush });
  await using top = openTop(supervisor.socketPath);
  const colourOf = (rows: readonly string[], text: string): number | undefined => {
    const y = rows.findIndex((row) => row.includes(text));
    const x = rows[y]?.indexOf(text) ?? 0;
    return top.emulator.buffer.active.getLine(y)?.getCell(x)?.getFgColor();
  };
  const found: (number | undefined)[] = [colourOf(await top.shows('612ms◆'), '612ms◆')];
  for (const theme of ['calm', 'bright', 'paper', 'terminal']) {
    top.type('t');
    found.push(colourOf(await top.shows(`theme: ${theme}`), '612ms◆'));
  }
  expect(found.at(-1)).toBe(found[0]);
  expect(new Set(found).size).toBeGreaterThan(2);
});

test('ctrl-l draws anew what something else has written over', async () => {
  await using supervisor = await serveFixed({ snapshot: rush });
  await using top = openTop(supervisor.socketPath);
  const before = await top.shows('612ms◆');
  await atRest(top.bytes, supervisor);
  const over = '\u001B[5;10HWall message from root\u001B[9;1H\u001B[2K';
  await new Promise<void>((resolve) => top.emulator.write(over, resolve));
  expect(top.rows()).not.toEqual(before);
  top.type('\u000C');
  await expect.poll(() => top.rows()).toEqual(before);
});
