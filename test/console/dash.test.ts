import { expect, test } from 'vitest';
import { toBoard } from '../../src/tui/charts/figures.ts';
import { serviceLines } from '../../src/tui/charts/service-table.ts';
import { serveFixed } from '../helpers/supervisor.ts';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';
import { calm, rush, scaleUp } from './shop.ts';

const size = { columns: 120, rows: 36 };

test('the wallboard draws its charts from the figures, and q leaves the terminal as found', async () => {
  await using supervisor = await serveFixed({ snapshot: rush });
  await using dash = openTerminal(['dash', '--socket', supervisor.socketPath], size);
  await dash.shows('mailer ×1');
  const screen = dash.rows().join('\n');
  for (const label of [
    'P99 ms, 60 s',
    'CPU % per worker',
    'machine CPU',
    'memory',
    'services',
    'requests a second',
    'advice',
    'events',
    'topology',
    'main ×1: users, catalog',
  ]) {
    expect(screen).toContain(label);
  }
  expect(screen).toMatch(/orders +◆ ready +1 +92 +108 +612 +240 +150/);
  expect(screen).toMatch(/orders +gateway +users/);
  expect(screen).toMatch(/P99 ms, 60 s {2}orders {2}billing {2}gateway {2}users/);
  expect(screen).toMatch(/[⠁-⣿]{3}/);
  expect(dash.emulator.buffer.active.type).toBe('alternate');

  supervisor.show(calm);
  await dash.shows('no service is under pressure');
  dash.type('q');
  expect(await dash.exited).toBe(0);
  expect(dash.emulator.buffer.active.type).toBe('normal');
});

test('the wallboard ends with 130 on ctrl-c, and with 4 when the supervisor is gone', async () => {
  await using supervisor = await serveFixed({ snapshot: rush });
  const args = ['dash', '--socket', supervisor.socketPath];
  await using interrupted = openTerminal(args, size);
  await interrupted.shows('scale_up orders');
  interrupted.type('\u0003');
  expect(await interrupted.exited).toBe(130);

  await using left = openTerminal(args, size);
  await left.shows('scale_up orders');
  await supervisor.close();
  expect(await left.exited).toBe(4);
});

test('the board has a line for the slowest services and a bar for the busiest', () => {
  const { p99, cpu, advice, requests, machine, limits, events, topology } = toBoard(rush);
  expect(p99.map(({ title }) => title)).toEqual(['orders', 'billing', 'gateway', 'users']);
  expect(p99[0]?.y.at(-1)).toBe(612);
  expect(cpu).toEqual({ titles: ['orders', 'gateway', 'users'], data: [92, 1, 1] });
  expect(requests).toEqual({
    titles: ['users', 'orders', 'gateway'],
    data: [120, 108, 10],
  });
  expect(machine).toEqual({ cpu: 69, memory: 8 });
  expect(limits.map(({ y }) => y[0])).toEqual([100, 500]);
  expect(events[0]).toMatch(/^◆ 09:38:19 orders scale_up advised/);
  expect(topology).toContain('main ×1: users, catalog, search, thumbnails');
  expect(advice).toEqual([`◆ scale_up orders: ${scaleUp.reason}`]);
});

test.each([
  [64, 'service      state      wrk cpu % req/s p99 ms pending mem MB'],
  [54, 'service      state      wrk cpu % req/s p99 ms pending'],
  [51, 'service      state      wrk cpu % req/s p99 ms'],
  [30, 'service      state      p99 ms'],
])('in %i columns the table of the wallboard has whole columns only', (width, head) => {
  const [first = '', ...rows] = serviceLines(rush.status.services, {
    columns: width,
    rows: 20,
  }).map(withoutTags);
  expect(first).toBe(head);
  for (const row of rows) expect(row).toHaveLength(head.length);
});

test('the worst service is first on the wall, and what has no room is counted', () => {
  const linesIn = (rows: number): readonly string[] =>
    serviceLines(rush.status.services, { columns: 64, rows }).map(withoutTags);
  const names = (rows: number) => linesIn(rows).map((line) => line.split(' ')[0]);
  expect(names(9)).toEqual(['service', 'orders', ...others]);
  expect(linesIn(9)).toHaveLength(9);
  expect(names(5).slice(0, 4)).toEqual(['service', 'orders', 'gateway', 'users']);
  expect(linesIn(5).at(-1)).toBe('5 more, all of them fine');
  const services = rush.status.services.map((each) => ({ ...each, severity: 'critical' as const }));
  const crowded = serviceLines(services, { columns: 64, rows: 5 });
  expect(crowded.at(-1)).toBe('5 more, 5 of them in trouble');
});

const others = ['gateway', 'users', 'catalog', 'search', 'thumbnails', 'billing', 'mailer'];

const withoutTags = (text: string): string => text.replaceAll(/\{[^}]*\}/g, '');

test('a service that is young has its last figure at the right end of the chart', () => {
  const { p99 } = toBoard({ ...rush, history: { orders: { cpu: [1, 2], p99: [10, 20] } } });
  const orders = p99.find(({ title }) => title === 'orders');
  expect(orders?.y).toHaveLength(60);
  expect(orders?.y.slice(-3)).toEqual([0, 10, 20]);
});

test('at 100 columns no head of a table is broken over two lines', async () => {
  await using supervisor = await serveFixed({ snapshot: rush });
  await using dash = openTerminal(['dash', '--socket', supervisor.socketPath], {
    columns: 100,
    rows: 30,
  });
  await dash.shows('orders ×1');
  const head = dash.rows().findIndex((row) => row.includes('service      state'));
  expect(dash.rows()[head]).toMatch(/│service +state +wrk +cpu % +req\/s +p99 ms +pending *│/);
  expect(dash.rows()[head + 1]).toMatch(/│orders +◆ ready/);
  expect(dash.rows().join('\n')).toMatch(/│ +orders +gateway +│/);
});

test('a board without advice says that all is well only where it is', () => {
  const { advice, status } = rush;
  const silent = { ...rush, advice: { ...advice, recommendations: [], notAdvised: [] } };
  expect(toBoard(silent).advice).toEqual(['no advice now on orders']);
  const because = 'the effect of the last action is being measured';
  const notAdvised = [{ service: 'orders', action: 'scale_up', because }] as const;
  expect(toBoard({ ...silent, advice: { ...silent.advice, notAdvised } }).advice).toEqual([
    `no advice on orders: ${because}`,
  ]);
  const services = status.services.map((service) => ({ ...service, severity: 'ok' as const }));
  expect(toBoard({ ...silent, status: { ...status, services } }).advice).toEqual([
    'no service is under pressure',
  ]);
});

const brokenEdges = (dash: Terminal): readonly string[] =>
  dash.rows().filter((row) => !/^([┌└│].*[┐┘│])?$/.test(row));

test.each([
  [160, 50, true],
  [80, 24, true],
  [60, 15, false],
  [40, 10, false],
])(
  'at %i × %i the worst service and the advice on it are on the wall',
  async (columns, rows, hasCharts) => {
    await using supervisor = await serveFixed({ snapshot: rush });
    await using dash = openTerminal(['dash', '--socket', supervisor.socketPath], { columns, rows });
    await dash.shows(/│◆ scale_up orders: P99 is/);
    // Every edge is whole once all is drawn: no label is broken over two lines.
    await expect.poll(() => brokenEdges(dash)).toEqual([]);
    const screen = dash.rows();
    expect(screen.join('\n')).toMatch(/│orders +◆ ready /);
    expect(screen.some((row) => /requests a second|req\/s ─/.test(row))).toBe(hasCharts);
    for (const label of ['services', 'advice']) {
      expect(screen.filter((row) => row.includes(`┌─ ${label} ─`))).toHaveLength(1);
    }
  },
);

test('a wall that becomes smaller and larger again has no rest of what hung there before', async () => {
  await using supervisor = await serveFixed({ snapshot: rush });
  const args = ['dash', '--socket', supervisor.socketPath, '--every', '200'];
  await using dash = openTerminal(args, size);
  await dash.shows('mailer ×1');
  await expect.poll(() => brokenEdges(dash)).toEqual([]);
  const before = dash.rows();
  await dash.resize({ columns: 40, rows: 10 });
  const [first] = await dash.shows(/^│cores are idle/);
  expect(first).toMatch(/^┌─ services ─+┐$/);
  await dash.resize(size);
  await expect.poll(() => dash.rows()).toEqual(before);
});
