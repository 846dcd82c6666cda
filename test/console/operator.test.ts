import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDemo } from '../helpers/demo.ts';
import { statusOf } from '../helpers/status.ts';
import { type FixedSupervisor, serveFixed } from '../helpers/supervisor.ts';
import { openShell, openTerminal, type Terminal } from '../helpers/terminal.ts';
import { inspection, logLines } from './depths.ts';
import { calm, plan, rush, scaled, scaleUp } from './shop.ts';

const size = { columns: 120, rows: 36 };
const everything = { snapshot: rush, plan, action: scaled, inspection, logs: logLines };

const openTop = ({ socketPath }: FixedSupervisor, ...args: readonly string[]): Terminal =>
  openTerminal(['top', '--socket', socketPath, '--every', '200', ...args], {
    ...size,
    env: { NO_COLOR: '1' },
  });

/** Milder advice on another service stands first, and is not what the three keys are about. */
const milder = { ...scaleUp, id: 'r-mild', service: 'users', severity: 'warning' } as const;
const incident = {
  ...everything,
  snapshot: { ...rush, advice: { ...rush.advice, recommendations: [milder, scaleUp] } },
};

describe('from an incident to the applied fix it is three keys', () => {
  test.each([
    ['the services', '', 'ADVISOR'],
    ['another service', '\r', '[1 overview]'],
    ['its logs', 'l', 'LOGS'],
    ['the history', 'U', 'ACTIONS'],
    ['a filter that hides the service', '/users\r', '/users  1/1'],
  ])('from %s', async (_where, keys, mark) => {
    await using supervisor = await serveFixed(incident);
    await using top = openTop(supervisor);
    await top.shows('ADVISOR');
    top.type(keys);
    await top.shows(mark);
    top.type('!');
    top.type('a');
    await top.shows('PLAN  Scale orders from 1 to 2 workers');
    top.type('y');
    await top.shows('done: scale orders to 2');
    expect(supervisor.asked.at(-1)).toEqual({
      method: 'accept',
      params: { id: expect.any(String), recommendation: scaleUp.id, workers: 2 },
    });
  });
});

test('what one console did, another one takes back', async () => {
  await using demo = await startDemo();
  const workers = async (): Promise<number> => {
    const { services } = await statusOf(demo);
    return services.find(({ name }) => name === 'mailer')?.workers.length ?? 0;
  };
  const open = (): Terminal =>
    openTerminal(['top', '--app', demo.directory], { ...size, env: demo.env });
  {
    await using first = open();
    await first.shows('gateway');
    first.type(':scale mailer 2\r');
    await first.shows('PLAN  Scale mailer from 1 to 2 workers');
    first.type('y');
    await first.shows('done: scale mailer to 2');
    expect(await workers()).toBe(2);
    first.type('q');
    expect(await first.exited).toBe(0);
  }
  await using second = open();
  await second.shows('scale mailer 1→2');
  second.type('u');
  await second.shows('PLAN  Undo scale mailer');
  second.type('y');
  await second.shows('undone: scale mailer to 1');
  expect(await workers()).toBe(1);
});

test('several marked services are acted on in one plan', async () => {
  await using supervisor = await serveFixed(everything);
  await using top = openTop(supervisor);
  await top.shows('ADVISOR');
  top.type('  R');
  await top.shows('PLAN  2 actions');
  top.type('y');
  await top.shows('2 of 2 done');
  const asked = supervisor.asked.filter(({ method }) => method === 'apply');
  expect(asked).toHaveLength(2);
});

describe('the file of the console', () => {
  /** A home with this file in it. */
  const homeWith = (settings: object) => {
    const home = mkdtempSync(join(tmpdir(), 'forge-'));
    mkdirSync(join(home, 'forge'));
    writeFileSync(join(home, 'forge/console.json'), JSON.stringify(settings));
    const env = { NO_COLOR: '1', XDG_CONFIG_HOME: home };
    return { env, [Symbol.dispose]: () => rmSync(home, { recursive: true }) };
  };

  test('leads to other apps', async () => {
    await using here = await serveFixed(everything);
    await using there = await serveFixed({ snapshot: calm });
    using home = homeWith({ contexts: { quiet: there.socketPath } });
    const args = ['top', '--socket', here.socketPath, '--every', '200'];
    await using top = openTerminal(args, { ...size, env: home.env });
    await top.shows('612ms');
    top.type('c');
    await top.shows(/2 {2}quiet/);
    top.type('2');
    await top.shows('no service is under pressure');
    await here.close();
    const served = there.served();
    await expect.poll(() => there.served()).toBeGreaterThan(served);
    await top.shows('● LIVE');
  });

  test('gives keys other names, on the screen too', async () => {
    await using supervisor = await serveFixed(everything);
    using home = homeWith({ keys: { a: ['ctrl-a'] } });
    const args = ['top', '--socket', supervisor.socketPath];
    await using top = openTerminal(args, { ...size, env: home.env });
    await top.shows(/^ ctrl-a accept/);
    top.type('a');
    await top.shows('a: no such key here');
    top.type('\u0001');
    await top.shows('PLAN');
  });

  test('that is wrong keeps the console shut, and says what to correct', async () => {
    await using supervisor = await serveFixed(everything);
    using home = homeWith({ theme: 'pink' });
    const args = ['top', '--socket', supervisor.socketPath];
    await using top = openTerminal(args, { ...size, env: home.env });
    expect(await top.exited).toBe(2);
    expect(top.rows().join(' ')).toContain('there is no theme pink');
  });
});

describe('the terminal', () => {
  test('is told how bad it is, and rings once', async () => {
    await using supervisor = await serveFixed({ ...everything, snapshot: calm });
    await using top = openTop(supervisor);
    const titles: string[] = [];
    let bells = 0;
    top.emulator.onTitleChange((title) => titles.push(title));
    top.emulator.onBell(() => {
      bells += 1;
    });
    await top.shows('no service is under pressure');
    supervisor.show(rush);
    await top.shows('scale_up orders');
    supervisor.show({ ...rush, events: [] });
    await expect.poll(() => titles.at(-1)).toBe('forge ◆1 shop');
    await expect.poll(() => bells).toBe(1);
  });

  test('is neither rung nor notified with --quiet, but has its title', async () => {
    await using supervisor = await serveFixed({ ...everything, snapshot: calm });
    await using top = openTop(supervisor, '--quiet');
    const titles: string[] = [];
    const heard: string[] = [];
    top.emulator.onTitleChange((title) => titles.push(title));
    top.emulator.onBell(() => heard.push('bell'));
    await top.shows('no service is under pressure');
    supervisor.show(rush);
    await top.shows('scale_up orders');
    await expect.poll(() => titles.at(-1)).toBe('forge ◆1 shop');
    expect(heard).toEqual([]);
  });

  test('gets the command of the plan into its clipboard', async () => {
    await using supervisor = await serveFixed(everything);
    await using top = openTop(supervisor);
    const copied: string[] = [];
    top.emulator.parser.registerOscHandler(52, (text) => {
      copied.push(Buffer.from(text.split(';')[1] ?? '', 'base64').toString());
      return true;
    });
    await top.shows('ADVISOR');
    top.type('a');
    await top.shows('PLAN');
    top.type('c');
    await top.shows('copied: forge scale orders 2');
    expect(copied).toEqual(['forge scale orders 2']);
  });

  test('sends clicks and the wheel only when asked to', async () => {
    await using supervisor = await serveFixed(everything);
    await using plain = openTop(supervisor);
    await plain.shows('ADVISOR');
    expect(plain.emulator.modes.mouseTrackingMode).toBe('none');
    await using top = openTop(supervisor, '--mouse');
    await top.shows('ADVISOR');
    expect(top.emulator.modes.mouseTrackingMode).not.toBe('none');
    top.type('\u001B[<0;9;6M');
    await top.shows(/^▸. catalog/);
    top.type('\u001B[<65;9;6M');
    await top.shows(/^▸. search/);
    top.type('q');
    await top.exited;
    expect(top.emulator.modes.mouseTrackingMode).toBe('none');
  });

  test('is the shell’s after ctrl-z, and the console’s again after fg', async () => {
    await using supervisor = await serveFixed(everything);
    const directory = mkdtempSync(join(tmpdir(), 'forge-'));
    const script =
      'set -m; $FORGE top --socket "$SOCKET"; echo stopped; read line; fg; echo over; read line';
    const env = { SOCKET: supervisor.socketPath, NO_COLOR: '1' };
    await using shell = openShell(script, { ...size, cwd: directory, env });
    await shell.shows('ADVISOR');
    shell.type('\u001A');
    await shell.shows('stopped');
    expect(shell.emulator.buffer.active.type).toBe('normal');
    shell.type('\r');
    await shell.shows('ADVISOR');
    expect(shell.emulator.buffer.active.type).toBe('alternate');
    shell.type('j');
    await shell.shows(/^▸. users/);
    shell.type('q');
    await shell.shows('over');
    rmSync(directory, { recursive: true });
  });
});

test('when the supervisor is gone the last screen stays, in grey', async () => {
  await using supervisor = await serveFixed(everything);
  await using top = openTerminal(
    ['top', '--socket', supervisor.socketPath, '--every', '200'],
    size,
  );
  await top.shows('612ms');
  await supervisor.close();
  const rows = await top.shows('no supervisor answers');
  const y = rows.findIndex((row) => row.includes('612ms◆ ▁'));
  const x = rows[y]?.indexOf('612ms') ?? 0;
  const grey = 8;
  expect(top.emulator.buffer.active.getLine(y)?.getCell(x)?.getFgColor()).toBe(grey);
  await supervisor.open();
  await top.shows('● LIVE');
});
