import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sharesOf } from '../../src/tui/screens/shares.ts';

const wanted = fc.record({
  services: fc.integer({ min: 1, max: 60 }),
  panel: fc.integer({ min: 3, max: 20 }),
  panelMin: fc.integer({ min: 3, max: 20 }),
});

test('nobody gets rows that are not there, and no box is without a line', () => {
  fc.assert(
    fc.property(fc.nat({ max: 80 }), wanted, (rows, each) => {
      const { table, panel, timeline } = sharesOf(rows, each);
      expect(table + panel + timeline).toBeLessThanOrEqual(rows);
      for (const share of [panel, timeline]) expect(share === 0 || share >= 3).toBe(true);
      expect(table).toBeLessThanOrEqual(each.services);
      expect(panel).toBeLessThanOrEqual(each.panel);
    }),
  );
});

test.each([
  { rows: 20, services: 8, panel: 9, panelMin: 6, expected: [8, 8, 4] },
  { rows: 20, services: 8, panel: 13, panelMin: 13, expected: [3, 13, 4] },
  { rows: 32, services: 8, panel: 11, panelMin: 6, expected: [8, 11, 13] },
  { rows: 32, services: 30, panel: 11, panelMin: 6, expected: [18, 6, 8] },
])('$rows rows for $services services and a panel of $panel', ({ rows, expected, ...each }) => {
  const { table, panel, timeline } = sharesOf(rows, each);
  expect([table, panel, timeline]).toEqual(expected);
});
