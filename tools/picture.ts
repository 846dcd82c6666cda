import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import { openLoop } from '../test/helpers/loop.ts';
import { openTerminal, type Size, type Terminal } from '../test/helpers/terminal.ts';
import { drawTerminal } from './draw-terminal.ts';

/**
 * Draws every screen of the console, on the demo in a rush, from the advice to what came of it.
 * Each picture waits for what it is of; the limit is only how long a run may be that went wrong.
 */
const limitMs = 120_000;
const folder = join(import.meta.dirname, '../docs/console');

const pictures = new Map<string, Buffer>();

/** A picture of the screen once it shows the mark, and not of one that is just being cleared. */
const save = async (terminal: Terminal, name: string, mark: RegExp | string): Promise<void> => {
  let rows: readonly string[];
  do {
    rows = await terminal.shows(mark, limitMs);
    await immediate();
  } while (rows.join('\n') !== terminal.rows().join('\n'));
  const picture = drawTerminal(terminal.emulator);
  pictures.set(`${name}.png`, picture);
  process.stdout.write(`${name}.png: ${picture.length} bytes\n`);
};

type Screen = {
  readonly name: string;
  /** What leads to it from the screen before. */
  readonly keys: string;
  /** What is in one of its rows when it is there. */
  readonly mark: RegExp | string;
};

const escapeKey = '\u001B';

/** While the advice is there, in a rush that is over soon. */
const inTrouble: readonly Screen[] = [
  { name: 'main', keys: '!', mark: /^▸. orders/ },
  { name: 'why', keys: 'w', mark: 'WHY  orders' },
  { name: 'advice', keys: `${escapeKey}\r7`, mark: '[7 advice' },
  { name: 'dismiss', keys: 'd', mark: 'DISMISS' },
];

/** While it is measured whether the new worker helps. */
const meanwhile: readonly Screen[] = [
  { name: 'overview', keys: '\r', mark: /order \d+ took/ },
  { name: 'workers', keys: '2', mark: '[2 workers' },
  { name: 'latency', keys: '3', mark: /[1-9]\d* requests/ },
  { name: 'dependencies', keys: '4', mark: /├─▶ +billing/ },
  { name: 'service-logs', keys: '5', mark: /order \d+ took/ },
  { name: 'config', keys: '6', mark: /timeouts\.start/ },
  { name: 'slow', keys: 'T', mark: /[0-9a-f]{32}/ },
  { name: 'help', keys: 'qq?', mark: 'EVERYWHERE' },
  { name: 'command', keys: '?:scale orders 3', mark: 'forge scale orders 3' },
  { name: 'filter', keys: `${escapeKey}/p99>20`, mark: 'filter: p99>20_' },
  { name: 'sort', keys: `${escapeKey}s`, mark: 'ORDER' },
  { name: 'mode', keys: `${escapeKey}m`, mark: 'AUTOPILOT' },
  { name: 'logs', keys: `${escapeKey}:logs\r`, mark: /mails sent/ },
  { name: 'search', keys: '/took\rn', mark: /\/took [1-9]\d*\/\d+/ },
  { name: 'wallboard', keys: 'B', mark: /requests a second/ },
];

/** When it was. */
const afterwards: readonly Screen[] = [
  { name: 'better', keys: 'q', mark: /last scale orders .* (it helped|no effect), P99/ },
  { name: 'actions', keys: 'U', mark: 'ACTIONS' },
  { name: 'replay', keys: 'q@-1m\r', mark: /REPLAY .*-1m0.s.*×1/ },
];

const advised = /ADVISOR .* critical .* scale_up orders/;
const main: Size = { columns: 120, rows: 36 };
const sizes: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 60, rows: 15 },
  { columns: 40, rows: 10 },
];

const walk = async (terminal: Terminal, screens: readonly Screen[]): Promise<void> => {
  for (const { name, keys, mark } of screens) {
    terminal.type(keys);
    await save(terminal, name, mark);
  }
};

await using loop = await openLoop({
  phases: 'calm:30,rush:25,calm:45,rush:400',
  quietWithinMs: 10_000,
  color: true,
});
const { top, demo } = loop;
await top.shows(advised, limitMs);
await walk(top, inTrouble);
top.type(`${escapeKey}q`);
for (const size of sizes) {
  await top.resize(size);
  const corner = new RegExp(`^.{${size.columns - 4}}6/8$`);
  await save(top, `main-${size.columns}x${size.rows}`, corner);
}
await top.resize(main);
await top.shows('TIMELINE');

// What helped is told from how the ten seconds before were: they have to be ten of the rush.
// The calm before is told of what was.
await top.shows(/[●▲] orders/, limitMs);
await top.shows(/◆ orders/, limitMs);
await top.shows(advised, limitMs);
await top.shows(/^│ P99 .* for 1\d s/, limitMs);
await walk(top, [{ name: 'plan', keys: 'a', mark: '[ Cancel ]' }]);
top.type('y');
await top.shows(/done: scale orders/, limitMs);
await walk(top, meanwhile);
top.type('q');
await top.shows('LOGS');
await walk(top, afterwards);

const noColor = { ...demo.env, NO_COLOR: '1' };
const args = ['top', '--app', demo.directory, '--ascii', '--read-only', '--quiet'];
await using plain = openTerminal(args, { columns: 80, rows: 24, env: noColor });
await save(plain, 'ascii', 'allow changes');

// A run that went wrong leaves the pictures as they were.
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [file, picture] of pictures) writeFileSync(join(folder, file), picture);
