import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCopy } from '../helpers/app-copy.ts';
import { serveFixed } from '../helpers/supervisor.ts';
import { openTerminal } from '../helpers/terminal.ts';
import { explanation } from './depths.ts';
import { plan, rush } from './shop.ts';

const size = { columns: 120, rows: 36, env: { NO_COLOR: '1' } };

const folder = (): Disposable & { readonly path: string } => {
  const path = mkdtempSync(join(tmpdir(), 'forge-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};

test('w says why, and scrolls; escape is back where it was', async () => {
  await using supervisor = await serveFixed({ snapshot: rush, explanation });
  await using top = openTerminal(['top', '--socket', supervisor.socketPath, '--read-only'], size);
  await top.shows('ADVISOR');
  top.type('w');
  await top.shows('WHY  orders');
  await top.shows('question 1 ');
  expect(await supervisor.isAsked('explain')).toMatchObject({
    params: { of: rush.advice.recommendations[0]?.id },
  });
  top.type('\u0004'.repeat(10));
  await top.shows('CPU per worker under 60 %');
  await top.shows('the last line is on the screen');
  top.type('\u001B');
  await top.shows('ADVISOR');
});

test('p shows the plan to a console that only watches, without a way to apply it', async () => {
  await using supervisor = await serveFixed({ snapshot: rush, plan });
  await using top = openTerminal(['top', '--socket', supervisor.socketPath, '--read-only'], size);
  await top.shows('ADVISOR');
  top.type('p');
  const screen = (await top.shows('[ Close ]')).join('\n');
  expect(screen).toContain('to read only');
  expect(screen).not.toContain('Apply');
  expect(screen).not.toContain('y apply');
  top.type('y');
  await top.shows('this plan is only read');
  expect(supervisor.asked.map(({ method }) => method)).toEqual(['plan']);
});

test('ctrl-s keeps the screen as text and as a picture', async () => {
  using here = folder();
  await using supervisor = await serveFixed({ snapshot: rush });
  const args = ['top', '--socket', supervisor.socketPath];
  await using top = openTerminal(args, { columns: 120, rows: 36, cwd: here.path });
  const seen = await top.shows('ADVISOR');
  top.type('\u0013');
  await top.shows('wrote ');
  const [picture = '', file = '', ...others] = readdirSync(here.path).toSorted();
  expect(others).toEqual([]);
  expect(file).toBe('forge-shop-20261125T093819Z.txt');
  expect(picture).toBe('forge-shop-20261125T093819Z.svg');
  expect(readFileSync(join(here.path, picture), 'utf8')).toContain('>612ms◆</text>');
  expect(readFileSync(join(here.path, file), 'utf8').split('\n').slice(2, 30)).toEqual(
    seen.slice(2, 30),
  );
});

test('e has the config in the editor, and the console is back afterwards', async () => {
  await using app = await startCopy('test/fixtures/apps/talk');
  const editor = join(app.directory, 'editor.sh');
  writeFileSync(editor, '#!/bin/sh\necho "edits $2 with $1"\nread -r line\nexit 0\n', {
    mode: 0o755,
  });
  const env = { ...app.env, NO_COLOR: '1', VISUAL: `${editor} --wait` };
  await using top = openTerminal(['top', '--app', app.directory], { ...size, env });
  await top.shows('mailer');
  top.type('e');
  await top.shows(/^edits .*forge\.config\.\w+ with --wait/);
  expect(top.emulator.buffer.active.type).toBe('normal');
  top.type('\r');
  await top.shows('`forge reload` goes over to what it says now');
  expect(top.emulator.buffer.active.type).toBe('alternate');
});

test('e says so where the config is on another machine', async () => {
  await using supervisor = await serveFixed({ snapshot: rush });
  await using top = openTerminal(['top', '--socket', supervisor.socketPath], size);
  await top.shows('ADVISOR');
  top.type('e');
  await top.shows('e: the config is not known here; --app or --config says where it is');
});

test('W lets a console that only watches act, and the top row says until when', async () => {
  await using supervisor = await serveFixed({ snapshot: rush, plan });
  await using top = openTerminal(['top', '--socket', supervisor.socketPath, '--read-only'], size);
  await top.shows(/READ-ONLY .* LIVE/);
  await top.shows('W allow changes');
  top.type('W');
  const [head = ''] = await top.shows(/MAY ACT to \d\d:\d\d:\d\d/);
  expect(head).not.toContain('READ-ONLY');
  top.type('a');
  await top.shows('y apply');
  top.type('\u001BW');
  await top.shows(/READ-ONLY .* LIVE/);
});

test('a console that is left while it asks whether it may act ends', async () => {
  await using supervisor = await serveFixed({ snapshot: rush });
  await using top = openTerminal(['top', '--socket', supervisor.socketPath, '--read-only'], size);
  await top.shows('W allow changes');
  top.type('Wq');
  expect(await top.exited).toBe(0);
});
