import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import { type FixedSupervisor, serveFixed } from '../helpers/supervisor.ts';
import { openShell, openTerminal, type Terminal } from '../helpers/terminal.ts';
import { rush } from './shop.ts';

const size = { columns: 80, rows: 24 };
const footer = /^ a accept/;

const openTop = ({ socketPath }: FixedSupervisor): Terminal =>
  openTerminal(['top', '--socket', socketPath], size);

/** The alternate screen is left, and the terminal pastes and reports as before. */
const expectAsFound = ({ emulator }: Terminal): void => {
  expect(emulator.buffer.active.type).toBe('normal');
  expect(emulator.modes.bracketedPasteMode).toBe(false);
  expect(emulator.modes.mouseTrackingMode).toBe('none');
};

describe('the console', () => {
  test('is on the alternate screen, and q leaves it with 0', async () => {
    await using supervisor = await serveFixed({ snapshot: rush });
    await using top = openTop(supervisor);
    await top.shows(footer);
    expect(top.emulator.buffer.active.type).toBe('alternate');
    top.type('q');
    expect(await top.exited).toBe(0);
    expectAsFound(top);
  });

  test('is interrupted by ctrl-c, with 130', async () => {
    await using supervisor = await serveFixed({ snapshot: rush });
    await using top = openTop(supervisor);
    await top.shows(footer);
    top.type('\u0003');
    expect(await top.exited).toBe(130);
    expectAsFound(top);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('restores the terminal on %s', async (signal) => {
    await using supervisor = await serveFixed({ snapshot: rush });
    await using top = openTop(supervisor);
    await top.shows(footer);
    top.kill(signal);
    expect(await top.exited).toBe(130);
    expectAsFound(top);
  });

  test('restores the terminal also when it crashes, and says what went wrong', async () => {
    await using supervisor = await serveFixed({ snapshot: rush });
    await using top = openTop(supervisor);
    await top.shows(footer);
    // What no supervisor of this version sends: the console cannot draw it.
    supervisor.show({ ...rush, history: undefined } as unknown as Snapshot);
    expect(await top.exited).toBe(1);
    expectAsFound(top);
    expect(top.rows().join('\n')).toContain('TypeError');
  });

  test.each([
    ['q', 0],
    ['\u0003', 130],
  ])('gives the shell back its line settings after %j', async (key, code) => {
    await using supervisor = await serveFixed({ snapshot: rush });
    const directory = mkdtempSync(join(tmpdir(), 'forge-'));
    // A key that comes before the console has taken the keyboard goes to the shell as well.
    const script =
      'trap : INT; stty -a >before; $FORGE top --socket "$SOCKET"; echo "code $?"; stty -a >after; echo over; read line';
    const env = { SOCKET: supervisor.socketPath };
    await using shell = openShell(script, { ...size, cwd: directory, env });
    await shell.shows(footer);
    shell.type(key);
    await shell.shows('over');
    expect(shell.rows()).toContain(`code ${code}`);
    const [before, after] = ['before', 'after'].map((file) => readFileSync(join(directory, file)));
    expect(after).toEqual(before);
    expectAsFound(shell);
    rmSync(directory, { recursive: true });
  });

  test('does not start without a supervisor, and leaves the screen alone', async () => {
    await using top = openTerminal(['top', '--socket', '/nonexistent/control.sock'], size);
    expect(await top.exited).toBe(4);
    expect(top.rows()[0]).toContain('No supervisor answers on /nonexistent/control.sock');
    expectAsFound(top);
  });
});
