import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLoop } from '../test/helpers/loop.ts';
import { drawTerminal } from './draw-terminal.ts';

/** Writes docs/console.png: the console on the demo in a rush, at the moment of the advice. */
const limitMs = 150_000;

await using loop = await openLoop({
  phases: 'calm:48,rush:100',
  quietWithinMs: limitMs,
  color: true,
});
const { top } = loop;
await top.shows(/ADVISOR .* critical .* scale_up orders/, limitMs);
top.type('!');
await top.shows(/^▸. orders/);
await top.shows(/6\/8$/);
const picture = drawTerminal(top.emulator);
writeFileSync(join(import.meta.dirname, '../docs/console.png'), picture);
process.stdout.write(`docs/console.png: ${picture.length} bytes\n`);
