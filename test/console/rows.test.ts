import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logLevels } from '../../src/protocol/logs.ts';
import type { ServiceStatus } from '../../src/protocol/metrics.ts';
import { type Severity, severities } from '../../src/protocol/severity.ts';
import { glyphsOf } from '../../src/tui/glyphs.ts';
import { serviceRow, tableHead } from '../../src/tui/rows/table.ts';
import { screenRows } from '../../src/tui/screens/screen.ts';
import { noLogs } from '../../src/tui/state/logs.ts';
import { initialState, type State, withSnapshot } from '../../src/tui/state/state.ts';
import { tabs } from '../../src/tui/state/view.ts';
import type { Theme } from '../../src/tui/theme.ts';
import { anyState } from './any-shop.ts';
import { inspection, logLines } from './depths.ts';
import { plan, rush, scaleUp } from './shop.ts';
import { looking, typed } from './typed.ts';

const colour = { ascii: false, color: true };
const plain = { ascii: false, color: false };
const ascii = { ascii: true, color: false };

const anySize = fc.record({
  columns: fc.integer({ min: 8, max: 240 }),
  rows: fc.integer({ min: 1, max: 60 }),
});
const runs = { numRuns: 150 };

const columnsOf = (row: string): number => [...stripVTControlCharacters(row)].length;

describe('whatever the supervisor says', () => {
  test.each([colour, plain, ascii])('every row is as wide as the screen, in %o', (theme) => {
    fc.assert(
      fc.property(anyState, anySize, (state, size) => {
        const rows = screenRows(state, size, theme);
        expect(rows).toHaveLength(size.rows);
        expect(new Set(rows.map(columnsOf))).toEqual(new Set([size.columns]));
      }),
      runs,
    );
  });

  test('the ASCII screen is 7-bit', () => {
    fc.assert(
      fc.property(anyState, anySize, (state, size) => {
        expect(screenRows(state, size, ascii).join('')).toMatch(/^[\u0020-\u007E]*$/);
      }),
      runs,
    );
  });

  test('without colour there is no escape, and with it the text is the same [C8]', () => {
    fc.assert(
      fc.property(anyState, anySize, (state, size) => {
        const painted = screenRows(state, size, colour).map(stripVTControlCharacters);
        const bare = screenRows(state, size, plain);
        expect(bare.join('')).not.toContain('\u001B');
        expect(painted).toEqual(bare);
      }),
      runs,
    );
  });
});

test('with colour the main view and an open service are painted as they are meant to be', async () => {
  const size = { columns: 80, rows: 24 };
  const service = { type: 'service', name: 'orders', tab: 'overview', worker: 0 } as const;
  for (const [name, view] of [
    ['main', { type: 'main' }],
    ['overview', service],
  ] as const) {
    const rows = screenRows(looking(rush, { view, inspection }), size, colour);
    const file = join(import.meta.dirname, `../golden/console/80x24/${name}.ansi`);
    await expect(`${rows.join('\n')}\n`).toMatchFileSnapshot(file);
  }
});

describe('how bad it is', () => {
  const screenOf = (severity: Severity, view: State['view'], theme: Theme): string => {
    const services = rush.status.services.map((service) =>
      service.name === 'orders' ? { ...service, severity } : service,
    );
    const recommendations = rush.advice.recommendations.map((each) => ({ ...each, severity }));
    const snapshot = {
      ...rush,
      status: { ...rush.status, services },
      advice: { ...rush.advice, recommendations },
    };
    const state = { ...withSnapshot(initialState(false), snapshot), inspection, view };
    return screenRows(state, { columns: 80, rows: 24 }, theme).join('\n');
  };

  const views: readonly State['view'][] = [
    { type: 'main' },
    ...tabs.map((tab) => ({ type: 'service' as const, name: 'orders', tab, worker: 0 })),
  ];

  test.each([plain, ascii])(
    'can be read without colour on every screen of a service, in %o',
    (theme) => {
      for (const view of views) {
        const screens = severities.map((severity) => screenOf(severity, view, theme));
        expect(new Set(screens).size).toBe(severities.length);
      }
    },
  );

  test('and of a line of the logs as well', () => {
    const [logLine] = logLines;
    if (logLine === undefined) throw new Error('nothing was written');
    const view = { type: 'logs', services: ['orders'] } as const;
    const lines = logLevels.map((level) => {
      const logs = { ...noLogs, lines: [{ ...logLine, level }] };
      const state = { ...withSnapshot(initialState(false), rush), view, logs };
      return screenRows(state, { columns: 80, rows: 24 }, plain).join('\n');
    });
    expect(new Set(lines).size).toBe(logLevels.length);
  });
});

describe('a service in the table', () => {
  const [first] = rush.status.services;
  const rowOf = (severity: Severity, theme: Theme, width = 120): string =>
    first === undefined
      ? ''
      : serviceRow(
          { ...first, severity },
          { snapshot: rush, theme },
          { width, theme, selected: false },
        );

  test.each([plain, ascii])('shows each severity by a glyph of its own, in %o', (theme) => {
    const glyphs = (['ok', 'warning', 'critical'] as const).map((severity) => {
      const row = rowOf(severity, theme);
      expect(row[1]).toBe(glyphsOf(theme)[severity]);
      return row[1];
    });
    expect(new Set(glyphs).size).toBe(3);
  });

  test.each([plain, ascii])('that has more than it needs is marked so, in %o', (theme) => {
    if (first === undefined) throw new Error('the shop is empty');
    const advice = { ...scaleUp, service: first.name, action: 'scale_down' } as const;
    const idle = { ...rush, advice: { ...rush.advice, recommendations: [advice] } };
    const markOf = (service: ServiceStatus): string | undefined =>
      serviceRow(service, { snapshot: idle, theme }, { width: 120, theme, selected: false })[1];
    expect(markOf(first)).toBe(glyphsOf(theme).idle);
    expect(markOf({ ...first, severity: 'warning' })).toBe(glyphsOf(theme).warning);
  });

  test('has the mark of the line next to each figure that crossed it, and colour only there', () => {
    const orders = rush.status.services.find(({ name }) => name === 'orders');
    if (orders === undefined) throw new Error('the shop has no orders');
    const drawing = { snapshot: rush, theme: colour };
    const row = serviceRow(orders, drawing, { width: 80, theme: colour, selected: false });
    expect(stripVTControlCharacters(row)).toMatch(/ 92%◆ .* 612ms◆ +240◆ +150M /);
    expect(row).toContain('\u001B[31;1m612ms◆\u001B[0m');
    expect(row).toContain(' orders ');
  });

  test('stands under its heading at every width', () => {
    for (let width = 40; width <= 240; width += 1) {
      const head = tableHead({ width, theme: plain });
      const end = head.indexOf('P99') + 'P99'.length;
      expect(rowOf('ok', plain, width).slice(0, end).trimEnd()).toMatch(/6ms$/);
    }
  });

  test('says why it is not ready instead of the advice', () => {
    const [broken] = rush.status.services;
    if (broken === undefined) throw new Error('the shop is empty');
    const failed = { ...broken, status: 'failed', reason: 'exit code 1' } as const;
    const drawing = { snapshot: rush, theme: plain };
    const row = serviceRow(failed, drawing, { width: 120, theme: plain, selected: false });
    expect(row).toContain('failed: exit code 1');
  });
});

describe('where not even a name fits', () => {
  const tiny = (state: State, rows = 4): readonly string[] =>
    screenRows(state, { columns: 30, rows }, plain).map((row) => row.trimEnd());

  test('a line says how bad it is, and those below it what is in trouble', () => {
    expect(tiny(looking(rush))).toEqual(['1◆ 0▲ shop', '◆ orders 612ms', '', '']);
    expect(tiny(looking(rush), 1)).toEqual(['1◆ 0▲ shop']);
    expect(tiny({ ...looking(rush), connection: 'lost' }, 1)).toEqual(['LOST 1◆ 0▲ shop']);
  });

  test('a plan is seen before it can be applied', () => {
    const dialog = { type: 'plan', items: [{ plan }], apply: false } as const;
    expect(tiny(looking(rush, { dialog })).slice(1)).toEqual([
      'Scale orders from 1 to 2 work…',
      'y or escape',
      '',
    ]);
    expect(tiny(typed(looking(rush), ':', ...'sort').state)[1]).toBe('> sort_');
    expect(tiny(typed(looking(rush), 'd').state)[1]).toBe('DISMISS  because …');
  });
});
