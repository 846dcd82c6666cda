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
  type Scene,
  saidBy,
  saturated,
  serviceView,
  splitOf,
} from '../../helpers/advisor.ts';

const nothing: readonly (readonly [name: string, scenes: readonly Scene[]])[] = [
  ['a calm service', [calm(serviceView('orders'))]],
  ['a busy service that answers in time', [calm(serviceView('orders', { busy: 80 }))]],
  [
    'a service that always takes 150 ms',
    [
      {
        seconds: 60,
        services: [serviceView('reports', { p99: 150, split: splitOf({ externalMs: 90 }) })],
      },
    ],
  ],
  [
    'a busy service whose P99 is near its warning line, and a little more of that is wait',
    [
      {
        seconds: 120,
        services: [
          serviceView('orders', { busy: 65, p99: 95, split: splitOf({ externalMs: 60 }) }),
        ],
      },
      {
        seconds: 40,
        services: [
          serviceView('orders', {
            busy: 65,
            p99: 104,
            split: splitOf({ externalMs: 60, loopWaitMs: 8 }),
          }),
        ],
      },
    ],
  ],
  [
    'sixty requests in flight at a service that waits 50 ms for each of 1,000 a second',
    [
      {
        seconds: 60,
        services: [
          serviceView('feed', {
            arrivalsPerSecond: 1_000,
            pending: 60,
            p99: 60,
            split: splitOf({ cpuMs: 0.2, externalMs: 50 }),
          }),
        ],
      },
    ],
  ],
  [
    'a slice of 120 ms now and then among 1,200 a second',
    [
      {
        seconds: 90,
        services: [
          serviceView('orders', {
            workers: 8,
            busy: 40,
            arrivalsPerSecond: 400,
            slices: { perSecond: 1_200, maxMs: 120, sumOfSquaresMs2PerSecond: 100_000 },
          }),
        ],
      },
    ],
  ],
  [
    'one slow request of the few that there are',
    [
      calm(lonely('orders')),
      quarter(lonely('orders', { latencyMs: { p50: 5, p90: 5, p99: 900, max: 900 } })),
    ],
  ],
  [
    'a worker that warms up',
    [{ seconds: 9, services: (at) => [saturated('orders', { youngestMs: at * 1_000 })] }],
  ],
  [
    'a second worker that warms up',
    [
      calm(serviceView('orders')),
      {
        seconds: 9,
        services: (at) => [
          saturated('orders', { workers: 2, busy: [100, 10], youngestMs: (at - 20) * 1_000 }),
        ],
      },
      calm(serviceView('orders', { workers: 2 })),
    ],
  ],
  [
    'one slice of 300 ms, which a view shows for five seconds',
    [
      calm(serviceView('orders')),
      {
        seconds: 5,
        services: [serviceView('orders', { slices: { ...longSlices, maxMs: 300 } })],
      },
      calm(serviceView('orders')),
    ],
  ],
  [
    'long slices of a process that had no core to run on, which a view shows for a while after',
    [
      calm(serviceView('orders')),
      {
        seconds: 60,
        services: (at) => [
          serviceView('orders', {
            starvation: at % 10 < 3 ? 0.8 : 0,
            slices: { ...longSlices, maxMs: at % 10 < 8 ? 900 : 5 },
          }),
        ],
      },
    ],
  ],
  [
    'a loop that turned late since its process had no core to run on',
    [
      calm(serviceView('orders')),
      {
        seconds: 60,
        services: (at) => [
          serviceView('orders', {
            starvation: at % 10 < 3 ? 0.8 : 0,
            eventLoopDelayMs: at % 10 < 8 ? 900 : 5,
          }),
        ],
      },
    ],
  ],
  [
    'memory that grows while the service warms up, and then stays',
    [
      {
        seconds: minutes(8),
        services: (at) => [serviceView('orders', { memoryMbPerWorker: Math.min(250, 90 + at) })],
      },
    ],
  ],
  [
    'the saw-tooth of a garbage collector',
    [
      {
        seconds: minutes(8),
        services: (at) => [serviceView('orders', { memoryMbPerWorker: 600 + (at % 45) * 4 })],
      },
    ],
  ],
  [
    'two light services that are in use',
    [
      {
        seconds: minutes(31),
        services: [serviceView('gateway', { busy: 1 }), serviceView('mailer', { busy: 1 })],
      },
    ],
  ],
  [
    'two idle services of which one would hold the loop for long',
    [
      {
        seconds: minutes(31),
        services: [lonely('gateway'), lonely('mailer', { slices: longSlices })],
      },
    ],
  ],
  [
    'a service at its fewest workers',
    [{ seconds: minutes(31), services: [lonely('orders', { workers: 2, minWorkers: 2 })] }],
  ],
];
test.each(nothing)('nothing is said of %s', (_name, scenes) => {
  expect(play(scenes).opened).toEqual([]);
});

const refusals: readonly Case<string>[] = [
  [
    'a caller is not to blame for its callee',
    [
      calm(serviceView('orders'), serviceView('billing')),
      quarter(
        serviceView('orders', { p99: 740, split: splitOf({ downstreamMs: { billing: 700 } }) }),
        serviceView('billing', { p99: 730, split: splitOf({ externalMs: 690 }) }),
      ),
    ],
    'latency is that of its dependency billing (99 %)',
  ],
  [
    'a worker that does not fit into the memory is not started',
    [calm(serviceView('orders')), quarter(saturated('orders', { memoryMbPerWorker: 9_000 }))],
    'a worker needs 9000 MB, and 8192 MB are free',
  ],
  [
    'a service of which nobody knows enough',
    [{ seconds: 2, services: [saturated('orders')] }],
    'not enough data yet',
  ],
  [
    'a machine of which nobody knows enough',
    [{ seconds: 20, services: [saturated('orders')], cpu: 'unknown' }],
    'not enough data yet',
  ],
  [
    'a service without a ready worker',
    [calm(saturated('orders')), quarter(saturated('orders', { workers: 0 }))],
    'none of its workers is ready',
  ],
  [
    'the second of two services that need the last core',
    [
      calm(serviceView('a'), serviceView('b')),
      { ...quarter(saturated('a', { arrivalsPerSecond: 201 }), saturated('b')), cpu: 90 },
    ],
    'the idle cores are for a',
  ],
  [
    'the second of two services that could leave a full machine',
    [
      calm(serviceView('a'), serviceView('b')),
      {
        ...quarter(
          saturated('a', { arrivalsPerSecond: 201, starvation: 0.3 }),
          saturated('b', { starvation: 0.3 }),
        ),
        cpu: 99,
        cores: 2,
      },
    ],
    'a is to leave this machine first',
  ],
  [
    'workers that the busiest moment needs stay',
    [
      {
        seconds: minutes(31),
        services: (at) => [serviceView('orders', { workers: 2, busy: at % 300 === 0 ? 70 : 5 })],
      },
    ],
    '1 worker would be 140 % busy at times',
  ],
];
test.each(refusals)('%s, and it says so', (_name, scenes, because) => {
  expect(play(scenes).last.notAdvised.map((each) => each.because)).toContain(because);
});

test.each([
  [40, ['scale_down orders'], undefined],
  [25, [], '1 worker would be 30 % busy at times'],
])('with thresholds.cpu.scaleDown at %i the last worker may be so busy', (line, said, because) => {
  const idle: Scene = {
    seconds: minutes(31),
    services: [serviceView('orders', { workers: 2, busy: 15 })],
  };
  const settings = settingsOf({ thresholds: { cpu: { scaleDown: line } } });
  const { last } = play([idle], { settings });
  expect(saidBy(last)).toEqual(said);
  expect(last.notAdvised.find(({ action }) => action === 'scale_down')?.because).toBe(because);
});
