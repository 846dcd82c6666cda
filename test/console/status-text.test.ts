import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import type { ServiceStatus } from '../../src/protocol/metrics.ts';
import { statusText } from '../../src/tui/plain/status.ts';
import { baking, calm, rush, twice } from './shop.ts';

const plain = { ascii: false, color: false };

const rowsOf = (snapshot: Snapshot, width = 120): readonly string[] =>
  statusText(snapshot, { width, theme: plain }).split('\n');

const withServices = (services: readonly ServiceStatus[]): Snapshot => ({
  ...calm,
  status: { ...calm.status, services },
});

const [gateway, users] = calm.status.services;
if (gateway === undefined || users === undefined) throw new Error('the shop has services');

const why = 'exit code 1: Error: the database at db.internal:5432 refuses the password of "orders"';
const failed: ServiceStatus = {
  ...gateway,
  name: 'orders',
  status: 'failed',
  severity: 'critical',
  reason: why,
  workers: gateway.workers.map((each) => ({ ...each, status: 'failed' as const, restarts: 4 })),
};
const stopped: ServiceStatus = {
  ...users,
  name: 'mailer',
  status: 'stopped',
  reason: 'by an operator',
  workers: [],
};

test('two services that are well take a row each, and nothing else is there', () => {
  const rows = rowsOf(withServices([gateway, users]));
  expect(rows).toHaveLength(5);
  expect(rows[2]?.split(/ +/)).toEqual([
    '',
    'SERVICE',
    'STATE',
    'WORKERS',
    'RST',
    'UP',
    'CPU/W',
    'MEM',
    'REQ/S',
    'P99',
  ]);
  expect(rows[3]).toMatch(/^● gateway +ready +1\/1 +0 +5 min +1% +85M +10 +6ms$/);
});

test('what is wrong with the app as a whole is above its services', () => {
  const shop = withServices([gateway]);
  const problem = '/srv/shop/.forge/run is gone, and requests do not find workers: move it back';
  const rows = rowsOf({ ...shop, status: { ...shop.status, problem } });
  expect(rows[2]).toBe(`! ${problem}`);
  expect(rows[4]).toMatch(/^● gateway +ready/);
});

test('of one that failed and one that is stopped the reason is below its row', () => {
  const rows = rowsOf(withServices([gateway, failed, stopped]));
  expect(rows.slice(4).map((row) => row.replaceAll(/ +/g, ' '))).toEqual([
    '◆ orders failed 0/1 4 - - - - -',
    ` ${why}`,
    '─ mailer stopped 0/0 0 - - - - -',
    ' by an operator',
  ]);
  const narrow = rowsOf(withServices([failed]), 60)
    .join(' ')
    .replaceAll(/ +/g, ' ');
  expect(narrow).toContain(why);
});

test('of what is advised there is one row each, with the command that says more', () => {
  const rows = rowsOf(twice);
  expect(rows.at(-2)).toBe('◆ scale_up orders 1 → 2 workers: forge explain r-0e36');
  expect(rows.at(-1)).toBe('▲ investigate billing: forge explain r-77aa');
});

test('while a reload bakes, the workers that it has replaced are counted apart', () => {
  expect(rowsOf(baking).join('\n')).toMatch(/orders +ready +1\/1 \+1 standby/);
});

const twelve = Array.from({ length: 12 }, (_, index) => ({
  ...(index === 4 ? failed : index === 7 ? stopped : gateway),
  name: `service-with-a-long-name-${index}`,
}));

test.each([40, 60, 80, 100, 120, 200])('at %i columns no row is wider than that', (width) => {
  for (const snapshot of [withServices(twelve), baking, twice]) {
    const widest = Math.max(...rowsOf(snapshot, width).map((row) => [...row].length));
    expect(widest).toBeLessThanOrEqual(width);
  }
});

test('at 80 columns twelve services keep all of their figures', () => {
  const rows = rowsOf(withServices(twelve), 80);
  expect(rows.filter((row) => /^. service-with.* ready +1\/1 .* 6ms$/.test(row))).toHaveLength(10);
});

test('colour is only where it is asked for, and repeats what the text says', () => {
  const frame = { width: 100, theme: { ascii: false, color: true } };
  const painted = statusText(rush, frame);
  expect(painted).toContain('\u001B[');
  const bare = statusText(rush, { ...frame, theme: plain });
  const trimmed = stripVTControlCharacters(painted).replaceAll(/ +$/gm, '');
  expect(bare).toBe(trimmed);
  expect(bare).toContain('612ms◆');
  expect(statusText(rush, { ...frame, theme: { ascii: true, color: false } })).toMatch(
    /^[\n\u0020-\u007E]*$/,
  );
});
