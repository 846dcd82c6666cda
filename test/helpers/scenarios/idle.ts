import type { Random } from '../../../src/simulator/random.ts';
import { impatient, loaded, type Scenario, type Stage } from './scenario.ts';

const night = { calmSeconds: 20, troubleSeconds: 160, settings: impatient };

const barely = (name: string, random: Random, requestsPerSecond = random.between(0.2, 0.9)) =>
  loaded(name, random, { cpuMs: 3, cv2: 0.2, requestsPerSecond });

const busyNow =
  (service: string, rate: (second: number) => number): NonNullable<Stage['trouble']> =>
  (engine, second) => {
    engine.member(service).service.requestsPerSecond = rate(second);
  };

/** Workers that have little to do. */
export const idleScenarios: readonly Scenario[] = [
  {
    name: 'nobody comes at night',
    right: ['scale_down api'],
    setUp: (random) => ({
      ...night,
      services: [loaded('api', random, { workers: 3 + random.index(3), busy: 0.03 })],
    }),
  },
  {
    name: 'twice the workers that the load needs',
    right: ['scale_down api'],
    setUp: (random) => ({
      ...night,
      services: [
        loaded('api', random, { workers: 4 + random.index(4), busy: random.between(0.06, 0.1) }),
      ],
    }),
  },
  {
    name: 'the load has gone after a peak',
    right: ['scale_down api'],
    setUp: (random) => {
      const api = loaded('api', random, { workers: 4, busy: 0.4 });
      return {
        ...night,
        services: [api],
        trouble: busyNow(
          'api',
          () => api.requestsPerSecond * (api.requestsPerSecond > 20 ? 0.1 : 1),
        ),
      };
    },
  },
  {
    name: 'one of two services is idle',
    right: ['scale_down api'],
    setUp: (random) => ({
      ...night,
      services: [
        loaded('api', random, { workers: 3, busy: 0.04 }),
        loaded('feed', random, { workers: 2, busy: 0.45 }),
      ],
    }),
  },
  {
    name: 'two services that nobody asks, each in a process',
    right: ['colocate gateway'],
    setUp: (random) => ({
      ...night,
      services: [barely('mailer', random), barely('gateway', random)],
    }),
  },
  {
    name: 'three services that nobody asks, beside a busy one',
    right: ['colocate a'],
    setUp: (random) => ({
      ...night,
      services: [
        barely('c', random),
        barely('b', random),
        barely('a', random),
        loaded('feed', random, { workers: 2, busy: 0.4 }),
      ],
    }),
  },
  {
    name: 'one service that nobody asks',
    right: [],
    setUp: (random) => ({
      ...night,
      services: [barely('mailer', random), loaded('feed', random, { busy: 0.4 })],
    }),
  },
  {
    name: 'two light services that are in use',
    right: [],
    setUp: (random) => ({
      ...night,
      services: [barely('mailer', random, 8), barely('gateway', random, random.between(5, 15))],
    }),
  },
  {
    name: 'a dip that is over before it counts',
    right: [],
    setUp: (random) => {
      const api = loaded('api', random, { workers: 3, busy: 0.4 });
      const usual = api.requestsPerSecond;
      return {
        ...night,
        services: [api],
        trouble: busyNow('api', (second) => (second < 90 ? usual * 0.1 : usual)),
      };
    },
  },
  {
    name: 'idle but for a peak that needs its workers',
    right: [],
    setUp: (random) => {
      const api = loaded('api', random, { workers: 3, busy: 0.5 });
      const usual = api.requestsPerSecond;
      return {
        ...night,
        services: [api],
        trouble: busyNow('api', (second) => (second % 60 < 15 ? usual : usual * 0.1)),
      };
    },
  },
  {
    name: 'idle at its fewest workers',
    right: [],
    setUp: (random) => ({
      ...night,
      services: [loaded('api', random, { workers: 3, minWorkers: 3, busy: 0.03 })],
    }),
  },
];
