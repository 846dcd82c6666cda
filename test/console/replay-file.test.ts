import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCopy } from '../helpers/app-copy.ts';
import { snapshotWhen } from '../helpers/snapshots.ts';
import { openTerminal } from '../helpers/terminal.ts';

const size = { columns: 120, rows: 36 };
const env = { NO_COLOR: '1' };
const golden = join(import.meta.dirname, '../golden/history-v1.gz');

test('a history that was exported is looked at from its first moment on, without an app', async () => {
  await using top = openTerminal(['top', '--replay', golden], { ...size, env });
  await top.shows(/ThreadForge heavy in history-v1\.gz .* ◀◀ REPLAY/);
  expect(top.rows().join('\n')).toMatch(/users .* 1 /);
  top.type('L');
  await top.shows('L: this is the file history-v1.gz');
  top.type('+');
  await top.shows('+: the screen shows the past, where nothing can be done');
  top.type('G');
  await top.shows(/\(-0s\)/);
  top.type('q');
  expect(await top.exited).toBe(0);
});

test('a file that is no history is an error, and the terminal is not touched', async () => {
  await using top = openTerminal(['top', '--replay', import.meta.filename], { ...size, env });
  expect(await top.exited).toBe(2);
  expect(top.rows().join('\n')).toContain('is no history that can be read');
  expect(top.emulator.buffer.active.type).toBe('normal');
});

test('what is on the screen is written to a file, and that file is looked at', async () => {
  await using app = await startCopy('test/fixtures/apps/hello');
  await snapshotWhen(app, ({ history }) => (history['names']?.cpu.length ?? 0) > 3);
  const at = { ...size, cwd: app.directory, env: { ...app.env, ...env } };
  await using top = openTerminal(['top'], at);
  await top.shows('names');
  top.type('[[');
  await top.shows(/×1 ■/);
  top.type('X');
  await top.shows(/wrote .*forge-hello-\d{8}T\d{6}Z\.gz/);
  const file = readdirSync(app.directory).find((name) => name.startsWith('forge-hello-')) ?? '';
  await using later = openTerminal(['top', '--replay', file], at);
  await later.shows(/ThreadForge hello in forge-hello-.*\.gz .* ◀◀ REPLAY/);
  expect(later.rows().join('\n')).toMatch(/names .* 2 /);
});
