import { expect, test } from 'vitest';
import { changesBetween } from '../../src/tui/plain/changes.ts';
import { serveFixed } from '../helpers/supervisor.ts';
import { openShell, openTerminal } from '../helpers/terminal.ts';
import { calm, plan, relieved, rush, scaled } from './shop.ts';

const size = { columns: 100, rows: 60 };

test('a change is told in words, with what it was before', () => {
  expect(changesBetween(calm, rush)).toEqual(['09:38:19 orders P99 612 ms, critical, was 71']);
  expect(changesBetween(rush, relieved)).toEqual([
    '09:38:19 orders P99 71 ms, ok, was 612',
    '09:37:49 orders: ada scale orders×1 → orders×2: done',
    '09:38:19 orders: it helped: P99 171 ms, predicted 180',
  ]);
  expect(changesBetween(rush, rush)).toEqual([]);
});

test('without a screen the console is led by words, and lines are only ever added', async () => {
  await using supervisor = await serveFixed({ snapshot: calm, plan, action: scaled });
  await using top = openTerminal(
    ['top', '--plain', '--socket', supervisor.socketPath, '--every', '200'],
    size,
  );
  await top.shows('type help for the commands');
  supervisor.show(rush);
  await top.shows('orders P99 612 ms, critical, was 71');
  top.type('scale orders 2\r');
  await top.shows('type yes to apply it, anything else to cancel');
  top.type('no\r');
  await top.shows('cancelled, nothing was changed');
  top.type('accept\r');
  await expect
    .poll(() => top.rows().filter((row) => row.startsWith('type yes to apply')).length)
    .toBe(2);
  top.type('yes\r');
  await top.shows('done: scale orders to 2');
  expect(supervisor.asked.map(({ method }) => method)).toEqual(['plan', 'plan', 'accept']);
  expect(top.emulator.buffer.active.type).toBe('normal');
  top.type('quit\r');
  expect(await top.exited).toBe(0);
});

test('in words too, what needs a typed name or mode is asked for it', async () => {
  const request = { kind: 'stop', service: 'orders' } as const;
  const stopped = { ...scaled, kind: 'stop' } as const;
  const stopPlan = { ...plan, request, title: 'Stop orders' };
  await using supervisor = await serveFixed({ snapshot: calm, plan: stopPlan, action: stopped });
  await using top = openTerminal(
    ['top', '--plain', '--socket', supervisor.socketPath, '--every', '200'],
    size,
  );
  await top.shows('type help for the commands');
  const asked = (): readonly string[] => supervisor.asked.map(({ method }) => method);
  const said = (text: string): number => top.rows().filter((row) => row.startsWith(text)).length;
  const toThePlan = async (turn: number): Promise<void> => {
    top.type('stop orders\r');
    await expect.poll(() => said('type yes to apply it')).toBe(turn);
    top.type('yes\r');
    await expect.poll(() => said('type orders to stop it')).toBe(turn);
  };
  await toThePlan(1);
  top.type('yes\r');
  await top.shows('orders was not typed, nothing was changed');
  expect(asked()).toEqual(['plan']);
  await toThePlan(2);
  top.type('orders\r');
  await top.shows('done: stop orders');
  expect(asked()).toEqual(['plan', 'plan', 'apply']);
});

test.each([
  ['a terminal without a cursor', 'TERM=dumb'],
  ['who listens instead of looking', 'INK_SCREEN_READER=true'],
])('%s gets words', async (_who, variable) => {
  await using supervisor = await serveFixed({ snapshot: calm });
  await using top = openShell(`${variable} exec $FORGE top --socket "$SOCKET"`, {
    ...size,
    env: { SOCKET: supervisor.socketPath },
  });
  await top.shows('type help for the commands');
  top.type('\u0003');
  expect(await top.exited).toBe(130);
});

test('--follow goes on with what is new, and with --json one snapshot a line', async () => {
  await using supervisor = await serveFixed({ snapshot: calm });
  const args = ['top', '--follow', '--socket', supervisor.socketPath, '--every', '200'];
  await using words = openTerminal(args, size);
  await words.shows('no service is under pressure');
  supervisor.show(rush);
  await words.shows('orders P99 612 ms, critical, was 71');
  await using json = openTerminal([...args, '--json'], { columns: 8_000, rows: 50 });
  await json.shows(/^\{"version":1,"status":.*\}$/);
});
