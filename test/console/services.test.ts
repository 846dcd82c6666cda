import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import type { Severity } from '../../src/protocol/severity.ts';
import { serviceRows } from '../../src/tui/rows/services.ts';
import { screenRows } from '../../src/tui/screens/screen.ts';
import { isSmallSize } from '../../src/tui/screens/size.ts';
import { crowd } from '../helpers/crowd.ts';
import { rush } from './shop.ts';
import { looking } from './typed.ts';

const theme = { ascii: false, color: false };

/** A crowd in which all is well but for these. */
const crowdWith = (count: number, troubled: Readonly<Record<string, Severity>>): Snapshot => {
  const all = crowd(count, 1);
  const services = all.status.services.map((service) => ({
    ...service,
    severity: troubled[service.name] ?? ('ok' as const),
  }));
  return { ...all, status: { ...all.status, services } };
};

const rowsOf = (snapshot: Snapshot, rows: number, selected = 0): readonly string[] =>
  serviceRows(snapshot.status.services, {
    snapshot,
    selected,
    rows,
    width: 80,
    theme,
    marks: [],
    pins: [],
  });

const namesIn = (rows: readonly string[]): readonly string[] =>
  rows.flatMap((row) => /^.. (service-\d+) /.exec(row)?.[1] ?? []);

test('services that have no room are counted, and those in trouble are named, the worst first', () => {
  const snapshot = crowdWith(9, {
    'service-1': 'critical',
    'service-5': 'warning',
    'service-8': 'critical',
  });
  const rows = rowsOf(snapshot, 5);
  expect(namesIn(rows)).toEqual(['service-0', 'service-1', 'service-2', 'service-3']);
  expect(rows).toHaveLength(5);
  expect(rows[4]?.trimEnd()).toBe('   5 more:  ◆ service-8  ▲ service-5');
  // The next page, and the last one: what is before it is as far away as what comes after it.
  expect(rowsOf(snapshot, 5, 4)[4]?.trimEnd()).toBe('   5 more:  ◆ service-1  ◆ service-8');
  expect(namesIn(rowsOf(snapshot, 5, 8))).toEqual([5, 6, 7, 8].map((each) => `service-${each}`));
  expect(rowsOf(crowdWith(9, {}), 5)[4]?.trimEnd()).toBe('   5 more, all of them fine');
});

test('names are whole, and those that have no room are counted as well', () => {
  const all = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`service-${index}`, 'critical' as const]),
  );
  const [last] = rowsOf(crowdWith(40, all), 5).slice(-1);
  expect(last?.trimEnd()).toBe(
    '   36 more:  ◆ service-4  ◆ service-5  ◆ service-6  ◆ service-7  +32',
  );
});

test('where all have room, or there is room for next to none, nothing is counted', () => {
  expect(namesIn(rowsOf(crowdWith(5, {}), 5))).toHaveLength(5);
  expect(namesIn(rowsOf(crowdWith(5, {}), 2))).toHaveLength(2);
});

test.each([
  [80, 24],
  [60, 15],
  [40, 10],
])(
  'at %i × %i one of thirty services that is critical is on the screen wherever it stands',
  (columns, rows) => {
    for (let place = 0; place < 30; place += 1) {
      const name = `service-${place}`;
      const snapshot = {
        ...crowdWith(30, { [name]: 'critical' }),
        advice: { ...rush.advice, recommendations: [] },
        events: [],
      };
      const isSmall = isSmallSize({ columns, rows });
      const shown = screenRows(looking(snapshot, { isSmall }), { columns, rows }, theme);
      expect(shown.filter((row) => new RegExp(`◆ +${name} `).test(row))).toHaveLength(1);
    }
  },
);

test('also where one service fills the screen the top row says how many are in trouble', () => {
  const snapshot = crowdWith(30, { 'service-7': 'critical', 'service-9': 'warning' });
  const view = { type: 'service', name: 'service-3', tab: 'overview', worker: 0 } as const;
  for (const columns of [40, 60, 80, 160]) {
    const isSmall = columns < 80;
    const [top] = screenRows(looking(snapshot, { view, isSmall }), { columns, rows: 24 }, theme);
    expect(top).toMatch(/service-3 .*1◆ 1▲ .*● LIVE {2}09:00:01 UTC $/);
    const watching = looking(snapshot, { view, isSmall, readOnly: true });
    const [tight] = screenRows(watching, { columns, rows: 24 }, theme);
    expect(tight).toMatch(/.*READ-ONLY {2}● LIVE {2}09:00:01 UTC $/);
  }
});

test.each([
  [0, '0.00  '],
  [0.0123, '1.23▲ '],
  [0.365, '36.5◆ '],
  [1, '100◆ '],
])('%d of the answers as errors is shown with the line that it crossed', (errorRate, shown) => {
  const all = crowd(1, 1);
  const services = all.status.services.map((service) => ({ ...service, errorRate }));
  const snapshot = { ...all, status: { ...all.status, services } };
  const frame = { snapshot, selected: 0, rows: 5, width: 160, theme, marks: [], pins: [] };
  expect(serviceRows(services, frame).join('\n')).toContain(` ${shown}`);
});
