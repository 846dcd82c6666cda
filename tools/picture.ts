import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLoop } from '../test/helpers/loop.ts';
import { openTerminal, type Terminal } from '../test/helpers/terminal.ts';
import { drawTerminal } from './draw-terminal.ts';

/** Draws every screen of the console, on the demo in a rush, from the advice to what came of it. */
const limitMs = 150_000;
const docs = join(import.meta.dirname, '../docs');
mkdirSync(join(docs, 'console'), { recursive: true });

const save = (terminal: Terminal, file: string): void => {
  const picture = drawTerminal(terminal.emulator);
  writeFileSync(join(docs, file), picture);
  process.stdout.write(`docs/${file}: ${picture.length} bytes\n`);
};

/** The keys to each screen from the one before, and what shows that it is there. */
const walk: readonly (readonly [name: string, keys: string, mark: RegExp | string])[] = [
  ['logs', '!\r5', /\d+ lines ─╮$/],
  ['latency', '3', /[1-9]\d* requests/],
  ['workers', '2', /orders#1 .* [1-9][\d.]*m?s/],
  ['dependencies', '4', /in +gateway/],
  ['config', '6', /timeouts\.start/],
  ['advice', '7', /NOT ADVISED|ADVISOR/],
  ['overview', '1', '[1 overview]'],
  ['help', 'q?', 'EVERYWHERE'],
  ['command', '?:scale orders 2', 'forge scale orders 2'],
  ['filter', '\u001B/cpu>50', 'filter: cpu>50_'],
  ['dismiss', '\u001Bd', 'DISMISS'],
  ['wallboard', '\u001BB', /requests a second/],
];

await using loop = await openLoop({
  phases: 'calm:48,rush:160',
  quietWithinMs: limitMs,
  color: true,
});
const { top, demo } = loop;
await top.shows(/ADVISOR .* critical .* scale_up orders/, limitMs);
top.type('!');
await top.shows(/^▸. orders/);
save(top, 'console.png');

for (const [name, keys, mark] of walk) {
  top.type(keys);
  await top.shows(mark);
  save(top, `console/${name}.png`);
}

top.type('q');
await top.shows(/^▸. orders/);
top.type('a');
await top.shows('[ Cancel ]');
save(top, 'console/plan.png');

const args = ['top', '--app', demo.directory];
const env = { ...demo.env, NO_COLOR: '' };
await using small = openTerminal(args, { columns: 80, rows: 24, env });
await small.shows(/scale_up orders/);
save(small, 'console/80x24.png');
await using plain = openTerminal([...args, '--ascii'], {
  columns: 80,
  rows: 24,
  env: { ...demo.env, NO_COLOR: '1' },
});
await plain.shows(/scale_up orders/);
save(plain, 'console/ascii.png');

top.type('y');
await top.shows(/done: scale orders/, limitMs);
await top.shows(/it helped|no effect/, limitMs);
top.type('U');
await top.shows(/got \d+ ms/);
save(top, 'console/actions.png');
