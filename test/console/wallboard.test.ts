import { expect, test } from 'vitest';
import { serveFixed } from '../helpers/supervisor.ts';
import { openTerminal } from '../helpers/terminal.ts';
import { rush } from './shop.ts';

test('B or g opens the wallboard, and the console comes back as it was', async () => {
  await using supervisor = await serveFixed({ snapshot: rush });
  const size = { columns: 120, rows: 36 };
  await using top = openTerminal(['top', '--socket', supervisor.socketPath], size);
  await top.shows('ADVISOR');
  top.type('jj');
  const before = await top.shows(/3\/\d+ *$/);

  top.type('B');
  const board = await top.shows('requests a second');
  expect(board.join('\n')).not.toContain('enter open');
  await top.resize({ columns: 100, rows: 30 });
  await top.resize(size);
  top.type('q');
  await top.shows(/3\/\d+ *$/);
  expect(top.rows().slice(2)).toEqual(before.slice(2));

  // The first key goes to the first service, which is there then: the second opens the wallboard.
  top.type('g');
  await top.shows(/1\/\d+ *$/);
  top.type('g');
  await top.shows('requests a second');
  top.type('g');
  await top.shows(/1\/\d+ *$/);
  expect(top.emulator.buffer.active.type).toBe('alternate');
  top.type('q');
  expect(await top.exited).toBe(0);
  expect(top.emulator.buffer.active.type).toBe('normal');
});

test('a console that is ended while the wallboard is open takes it along', async () => {
  await using supervisor = await serveFixed({ snapshot: rush });
  await using top = openTerminal(['top', '--socket', supervisor.socketPath], {
    columns: 120,
    rows: 36,
  });
  await top.shows('ADVISOR');
  top.type('B');
  await top.shows('requests a second');
  top.kill('SIGTERM');
  expect(await top.exited).toBe(130);
});
