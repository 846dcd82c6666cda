import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serveFixed } from '../helpers/supervisor.ts';
import { openTerminal } from '../helpers/terminal.ts';
import { rush } from './shop.ts';

test('the file of keys and colours is read again when it is written, also when it was wrong', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'forge-reread-'));
  mkdirSync(join(folder, 'forge'));
  const write = (text: string): void => writeFileSync(join(folder, 'forge/console.json'), text);
  await using supervisor = await serveFixed({ snapshot: rush });
  await using top = openTerminal(['top', '--socket', supervisor.socketPath], {
    columns: 120,
    rows: 36,
    env: { XDG_CONFIG_HOME: folder },
  });
  await top.shows('ADVISOR');
  write('{ "keys": { "Z": [] }, "theme": "none" }');
  await top.shows('there is no theme none');
  write('{ "keys": { "Z": [] } }');
  await top.shows('your keys and colours were read again');
  top.type('Z');
  await top.shows('Z: no such key here');
  write('{}');
  await top.shows('your keys and colours were read again');
  top.type('Z');
  await top.shows('the figures are held');
  top.type('q');
  expect(await top.exited).toBe(0);
  rmSync(folder, { recursive: true });
});
