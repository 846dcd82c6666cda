import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import { timelineRows } from '../../src/tui/rows/timeline.ts';
import { type Trend, trendSeconds } from '../../src/tui/state/trend.ts';
import { relieved, rush } from './shop.ts';

const theme = { ascii: false, color: false };
const at = Date.parse(rush.status.at);

/** Something was measured for so many seconds, with a peak so many seconds ago. */
const trendWith = (seconds: number, peakAgo: number): Trend => {
  const values = Array.from({ length: trendSeconds }, (_, index) => {
    const ago = trendSeconds - 1 - index;
    if (ago >= seconds) return Number.NaN;
    return ago === peakAgo ? 600 : 1;
  });
  return { service: 'orders', at: Math.floor(at / 1_000), cpu: values, p99: values };
};

const shown = (trend: Trend | undefined, snapshot: Snapshot = relieved): readonly string[] =>
  timelineRows(snapshot, { width: 160, theme, service: 'orders', rows: 12, trend });

const row = (rows: readonly string[], label: string): string =>
  rows.find((each) => each.startsWith(`│ ${label}`)) ?? '';

test.each([
  [undefined, '60 s'],
  [40, '60 s'],
  [61, '2 min'],
  [120, '2 min'],
  [121, '5 min'],
  [300, '5 min'],
  [301, '10 min'],
  [600, '10 min'],
])('with %s seconds measured it is about the last %s', (seconds, period) => {
  const trend = seconds === undefined ? undefined : trendWith(seconds, 0);
  expect(shown(trend)[0]).toContain(`TIMELINE  orders, last ${period} `);
});

test('a peak of nine minutes ago is in it, and an event has its place over the same ten minutes', () => {
  const past = new Date(at - 540_000).toISOString();
  const event = {
    at: past,
    kind: 'threshold',
    severity: 'critical',
    service: 'orders',
    text: 'P99 612 ms',
  } as const;
  const rows = shown(trendWith(600, 540), { ...relieved, events: [event] });
  const peak = row(rows, 'P99').indexOf('▇');
  // 120 columns are ten minutes: 540 seconds ago is 108 of them before the end.
  expect(peak).toBe(row(rows, 'P99').lastIndexOf('▁') - 108);
  expect(rows.find((each) => /─{50}/.test(each) && each.includes('◆'))?.indexOf('◆')).toBe(peak);
  const times = rows.map((each) => each.match(/\d\d:\d\d:\d\d/g) ?? []);
  expect(times.find(({ length }) => length === 3)).toEqual(['09:28:19', '09:31:39', '09:34:59']);
});
