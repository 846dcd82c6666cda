import { expect, test } from 'vitest';
import { screenRows } from '../../src/tui/screens/screen.ts';
import { rush } from './shop.ts';
import { looking } from './typed.ts';

const theme = { ascii: false, color: false };
const size = { columns: 120, rows: 36 };

const shopWith = (count: number) => {
  const services = rush.status.services.map((service) => {
    const [worker] = service.workers;
    if (service.name !== 'orders' || worker === undefined) return service;
    const workers = Array.from({ length: count }, (_, index) => ({
      ...worker,
      id: `_isolated:orders#${index + 1}`,
    }));
    return { ...service, workers };
  });
  return { ...rush, status: { ...rush.status, services } };
};

test.each([
  [1, true],
  [22, true],
  [23, false],
  [29, false],
])(
  'of %i workers each has its row, and below them are charts if there is room: %s',
  (count, hasCharts) => {
    const view = { type: 'service', name: 'orders', tab: 'workers', worker: 0 } as const;
    const rows = screenRows(looking(shopWith(count), { view }), size, theme);
    expect(rows.filter((row) => / orders#\d+ /.test(row) || /▸orders#1 /.test(row))).toHaveLength(
      count,
    );
    expect(rows.some((row) => row.includes('CPU PER WORKER'))).toBe(hasCharts);
  },
);
