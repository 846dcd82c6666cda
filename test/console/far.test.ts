import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import { screenRows } from '../../src/tui/screens/screen.ts';
import { atRest } from '../helpers/at-rest.ts';
import { crowd } from '../helpers/crowd.ts';
import { type SshServer, startSshServer } from '../helpers/ssh.ts';
import { serveFixed } from '../helpers/supervisor.ts';
import { openShell, openTerminal, type Terminal } from '../helpers/terminal.ts';
import { plan, rush, scaled } from './shop.ts';
import { looking } from './typed.ts';

/** Whatever goes to the far machine takes a tenth of a second in each direction. */
let ssh: SshServer;
/** For the sockets that lead there, which other tests must not find. */
const bridges = mkdtempSync(join(tmpdir(), 'forge-far-'));
beforeAll(async () => {
  ssh = await startSshServer({ delayMs: 100 });
});
afterEach(() => ssh.lets(all, all));
afterAll(async () => {
  await ssh[Symbol.asyncDispose]();
  rmSync(bridges, { recursive: true });
});

const size = { columns: 160, rows: 50 };
const all = Number.POSITIVE_INFINITY;
const everything = { snapshot: rush, plan, action: scaled };
const crowded = { snapshot: crowd(30, 1) };

/** The console runs here, and the socket of the supervisor comes here through ssh. */
const openHere = (socketPath: string): Terminal =>
  openTerminal(['top', '--host', ssh.far, '--socket', socketPath, '--every', '200'], {
    ...size,
    env: { ...ssh.env, TMPDIR: bridges },
  });

/** The console runs there, in the terminal of ssh. */
const openThere = (socketPath: string): Terminal =>
  openShell(`exec ssh -tt ${ssh.far} forge top --socket ${socketPath} --every 200`, {
    ...size,
    env: ssh.env,
  });

test.each([
  ['here', openHere],
  ['there', openThere],
] as const)(
  'from far away one gets from the trouble to its end, with the console %s',
  async (_where, open) => {
    await using supervisor = await serveFixed(everything);
    await using top = open(supervisor.socketPath);
    await top.shows('612ms◆');
    top.type('!');
    await top.shows('orders is critical');
    top.type('a');
    await top.shows('PLAN  Scale orders from 1 to 2 workers');
    top.type('y');
    await top.shows('done: scale orders to 2');
    top.type('q');
    expect(await top.exited).toBe(0);
    expect(top.emulator.buffer.active.type).toBe('normal');
    expect(readdirSync(bridges)).toEqual([]);
  },
);

test('a console here answers a key also while nothing passes', async () => {
  await using supervisor = await serveFixed(crowded);
  await using top = openHere(supervisor.socketPath);
  await top.shows(/1\/30$/);
  ssh.lets(0, 0);
  top.type('jj');
  await top.shows(/3\/30$/);
  top.type('?');
  await top.shows('EVERYWHERE');
  ssh.lets(all, all);
  top.type('?');
  await top.shows(/● LIVE/);
});

test('a console there answers a key in one round trip', async () => {
  await using supervisor = await serveFixed(crowded);
  await using top = openThere(supervisor.socketPath);
  await top.shows(/1\/30$/);
  await atRest(ssh.passed, supervisor);
  for (const place of [2, 3, 4]) {
    // The key gets there, and nothing that it would have to be asked for afterwards.
    ssh.lets(1, all);
    top.type('j');
    await top.shows(new RegExp(`\\b${place}/30$`));
  }
});

test('from a console there not more than 8 KB go over the network when every figure has changed', async () => {
  await using supervisor = await serveFixed(crowded);
  await using top = openThere(supervisor.socketPath);
  /** Once the whole screen is that of a snapshot. */
  const showsAll = async (snapshot: Snapshot): Promise<void> => {
    const rows = screenRows(looking(snapshot), size, { ascii: false, color: false });
    await expect.poll(() => top.rows()).toEqual(rows.map((row) => row.trimEnd()));
  };
  await showsAll(crowd(30, 1));
  const before = ssh.passed();
  supervisor.show(crowd(30, 2));
  await showsAll(crowd(30, 2));
  expect(ssh.passed() - before).toBeLessThan(8_000);
});
