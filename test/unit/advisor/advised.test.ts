import { expect, test } from 'vitest';
import { settingsOf } from '../../../src/advisor/settings.ts';
import {
  type Case,
  calm,
  lonely,
  longSlices,
  minutes,
  play,
  quarter,
  saidBy,
  saturated,
  serviceView,
  splitOf,
} from '../../helpers/advisor.ts';

const main = { group: 'main', colocatedWith: ['thumbs'] };
const users = serviceView('users', main);
const thumbs = serviceView('thumbs', { ...main, colocatedWith: ['users'], arrivalsPerSecond: 3 });
const waitingUsers = serviceView('users', {
  ...main,
  p99: 210,
  split: splitOf({ loopWaitMs: 120 }),
});
const slowBilling = serviceView('billing', {
  p99: 720,
  pending: 14,
  split: splitOf({ externalMs: 700 }),
});

const cases: readonly Case<readonly string[]>[] = [
  [
    'a saturated service on a machine with idle cores: scale_up',
    [calm(serviceView('orders')), quarter(saturated('orders'))],
    ['scale_up orders'],
  ],
  [
    'a busy service whose requests wait for its loop: scale_up, also below the critical line',
    [
      calm(serviceView('orders')),
      quarter(serviceView('orders', { busy: 75, p99: 180, split: splitOf({ loopWaitMs: 80 }) })),
    ],
    ['scale_up orders'],
  ],
  [
    'a neighbour with long slices: split_out, of the neighbour and not of its victim',
    [calm(users, thumbs), quarter(waitingUsers, { ...thumbs, slices: longSlices })],
    ['split_out thumbs'],
  ],
  [
    'a full loop with nobody to blame: split_out of who needs most of it',
    [
      calm(users, thumbs),
      quarter(
        saturated('users', { ...main, completionsPerSecond: 50 }),
        saturated('thumbs', { ...main, colocatedWith: ['users'], completionsPerSecond: 90 }),
      ),
    ],
    ['split_out thumbs'],
  ],
  [
    'a saturated service on a full machine: migrate',
    [
      calm(serviceView('orders')),
      { ...quarter(saturated('orders', { starvation: 0.3 })), cpu: 98, cores: 1 },
    ],
    ['migrate orders'],
  ],
  [
    'a slow service that does not get the core it could use: migrate',
    [
      calm(serviceView('orders')),
      {
        ...quarter(
          serviceView('orders', {
            busy: 50,
            p99: 300,
            starvation: 0.5,
            split: splitOf({ cpuMs: 40, loopWaitMs: 10 }),
          }),
        ),
        cpu: 99,
        cores: 1,
      },
    ],
    ['migrate orders'],
  ],
  [
    'a saturated service that gets its core, though other programs use the rest: scale_up',
    [calm(serviceView('orders')), { ...quarter(saturated('orders')), cpu: 98 }],
    ['scale_up orders'],
  ],
  [
    'a saturated service on a machine that other programs have filled: investigate',
    [
      calm(serviceView('orders')),
      { ...quarter(saturated('orders', { starvation: 0.6 })), cpu: 98 },
    ],
    ['investigate orders'],
  ],
  [
    'workers that idle for half an hour: scale_down',
    [{ seconds: minutes(30) + 20, services: [serviceView('orders', { workers: 3, busy: 5 })] }],
    ['scale_down orders'],
  ],
  [
    'two services that nobody asks, each in a process: colocate',
    [{ seconds: minutes(30) + 20, services: [lonely('mailer'), lonely('gateway')] }],
    ['colocate gateway'],
  ],
  [
    'latency that is spent outside the app: investigate',
    [calm(serviceView('billing')), quarter(slowBilling)],
    ['investigate billing'],
  ],
  [
    'memory that grows towards its line: investigate',
    [
      {
        seconds: minutes(7),
        services: (second) => [serviceView('orders', { memoryMbPerWorker: 700 + second * 0.3 })],
      },
    ],
    ['investigate orders'],
  ],
  [
    'memory that stays over its line: investigate',
    [calm(serviceView('orders')), quarter(serviceView('orders', { memoryMbPerWorker: 1_100 }))],
    ['investigate orders'],
  ],
  [
    'a loop that blocks again and again, though P99 is fine: investigate',
    [
      {
        seconds: 40,
        services: [serviceView('orders', { slices: { ...longSlices, maxMs: 300 } })],
      },
    ],
    ['investigate orders'],
  ],
  [
    'a loop that a bare timer blocks again and again: investigate',
    [{ seconds: 40, services: [serviceView('orders', { eventLoopDelayMs: 140 })] }],
    ['investigate orders'],
  ],
  [
    'a saturated service that has all the workers it may have: investigate',
    [calm(serviceView('orders')), quarter(saturated('orders', { maxWorkers: 1 }))],
    ['investigate orders'],
  ],
  [
    'one hot worker among idle ones: investigate',
    [
      calm(serviceView('orders', { workers: 3 })),
      quarter(saturated('orders', { workers: 3, busy: [100, 6, 4] })),
    ],
    ['investigate orders'],
  ],
];
test.each(cases)('%s', (_name, scenes, said) => {
  expect(saidBy(play(scenes).last)).toEqual(said);
});

test('at its limit of workers a service is told what more of them would bring', () => {
  const scenes = [calm(serviceView('orders')), quarter(saturated('orders', { maxWorkers: 1 }))];
  const [advice] = play(scenes).last.recommendations;
  expect(advice?.reason).toMatch(
    /^P99 is 600 ms .*, it already has the 1 worker it may have, and \d\.\d cores are idle$/,
  );
  expect(advice?.details).toMatchObject({ maxWorkers: 1, neededWorkers: 2 });
  expect(advice?.config).toEqual({ orders: { workers: { max: 2 } } });
  expect(advice?.steps[0]).toBe(
    'Let it have 2 workers: services.orders.workers.max in the config, then forge reload',
  );
  expect(advice?.prediction.cpu?.to).toBeLessThan(60);
});

const settings = settingsOf({ scaling: { autoExecute: { scale: true } } });

test('a limit is told as well when an autopilot saw the load come', () => {
  const scenes = [calm(serviceView('orders')), quarter(saturated('orders', { maxWorkers: 1 }))];
  expect(saidBy(play(scenes, { settings }).last)).toEqual(['investigate orders']);
});

type Seen = Parameters<typeof serviceView>[1];

/** Each waits for the other, and the other's requests for it, as services do that call each other. */
const circle = (orders: Seen, stock: Seen, waits: number) => [
  serviceView('orders', {
    ...orders,
    split: splitOf({ ...orders?.split, downstreamMs: { stock: waits } }),
  }),
  serviceView('stock', {
    ...stock,
    split: splitOf({ ...stock?.split, downstreamMs: { orders: waits } }),
  }),
];
const waiting = { p99: 900 };
const slow = { ...waiting, split: splitOf({ externalMs: 400 }) };

const circles: readonly Case<readonly string[]>[] = [
  [
    'the one that is slow by itself',
    [calm(...circle({}, {}, 5)), quarter(...circle(slow, waiting, 400))],
    ['investigate orders'],
  ],
  [
    'the one whose requests fail more often',
    [quarter(...circle({ errorRate: 0.2 }, { errorRate: 0.3 }, 5))],
    ['investigate stock'],
  ],
  [
    'both, where they fail alike',
    [quarter(...circle({ errorRate: 0.2 }, { errorRate: 0.2 }, 5))],
    ['investigate orders', 'investigate stock'],
  ],
];
test.each(circles)(
  'of two services that call each other %s is named',
  (_name, scenes, expected) => {
    expect(saidBy(play(scenes).last).toSorted()).toEqual(expected);
  },
);

test('a service that was slow from its first request on is told of as a warning, of all its time', () => {
  const reports = serviceView('reports', { p99: 900, split: splitOf({ externalMs: 790 }) });
  const always = play([quarter(reports)]).last.recommendations;
  expect(always).toMatchObject([{ service: 'reports', severity: 'warning' }]);
  expect(always[0]?.reason).toContain('% of its time is spent waiting outside the app');
  expect(always[0]?.steps.at(-1)).toMatch(/always takes that long/);
  const lately = play([calm(serviceView('reports')), quarter(reports)]).last.recommendations;
  expect(lately).toMatchObject([{ service: 'reports', severity: 'critical' }]);
  expect(lately[0]?.reason).toContain('of the extra time');
});

test('workers that are apart only by chance, as their requests are long, are not uneven', () => {
  const ofRequests = (meanMs: number) =>
    play([
      calm(serviceView('orders', { workers: 4 })),
      quarter(
        serviceView('orders', {
          workers: 4,
          busy: [78, 32, 31, 30],
          p99: 300,
          split: splitOf({ loopWaitMs: 90 }),
          held: { meanMs, meanSquareMs2: 2 * meanMs ** 2, visits: 1 },
        }),
      ),
    ]).last;
  expect(saidBy(ofRequests(5))).toEqual(['investigate orders']);
  expect(saidBy(ofRequests(150))).toEqual([]);
});

test("a loop that is blocked again and again is told with the service's own function that holds it", () => {
  const stalledIn =
    'parse (node:json:1) < totals (/srv/app/services/report.ts:41) < main (/x.ts:1)';
  const services = [serviceView('orders', { eventLoopDelayMs: 140, stalledIn })];
  const [advice] = play([{ seconds: 40, services }]).last.recommendations;
  expect(advice?.reason).toContain(
    'blocked for up to 140 ms in totals (services/report.ts:41) (more',
  );
  expect(advice?.details['stack']).toBe(stalledIn);
});
