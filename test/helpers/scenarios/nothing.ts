import type { View } from '../../../src/advisor/view.ts';
import { percent } from '../../../src/protocol/units.ts';
import { cpu, io, loaded, once, type Scenario, times } from './scenario.ts';

/** Half a minute in which the supervisor gets no samples of a service. */
const withoutSamples = (view: View, second: number): View =>
  second > 30
    ? view
    : {
        ...view,
        services: view.services.map((one) => ({
          ...one,
          arrivalsPerSecond: 0,
          completionsPerSecond: 0,
          lastSecond: { arrivals: 0, completions: 0 },
          busyPerWorker: one.busyPerWorker.map(() => percent(0)),
          cpuPerWorker: percent(0),
          latencyMs: { p50: 0, p90: 0, p99: 0, max: 0 },
          pending: 0,
        })),
      };

const withoutMachine = ({ machine: { cpu: _unread, ...machine }, ...view }: View): View => ({
  ...view,
  machine,
});

/** What looks like trouble, and is none. */
export const nothingScenarios: readonly Scenario[] = [
  {
    name: 'a healthy app',
    right: [],
    setUp: (random) => ({
      troubleSeconds: 120,
      services: [
        loaded('api', random, { workers: 1 + random.index(4) }),
        loaded('feed', random),
        loaded('users', random, { workers: 2 }),
      ],
    }),
  },
  {
    name: 'a busy service that answers in time',
    right: [],
    setUp: (random) => ({
      troubleSeconds: 120,
      services: [
        loaded('api', random, { workers: 4, busy: random.between(0.6, 0.7), cpuMs: 4, cv2: 0.3 }),
      ],
    }),
  },
  {
    name: 'a burst of four seconds',
    right: [],
    setUp: (random) => {
      const api = loaded('api', random, { workers: 2, busy: 0.3, cpuMs: 5 });
      const usual = api.requestsPerSecond;
      const burst = random.between(3, 4);
      return {
        services: [api],
        trouble: (_engine, second) => {
          api.requestsPerSecond = second < 4 ? usual * burst : usual;
        },
      };
    },
  },
  {
    name: 'a release: every worker is busy for three seconds',
    right: [],
    setUp: (random) => ({
      services: [loaded('api', random, { workers: 2 + random.index(3), busy: 0.25, cpuMs: 4 })],
      trouble: (engine, second) => {
        const worker = engine.groupFor('api').ready[second / 2];
        if (worker !== undefined) engine.block(worker, random.between(1_500, 3_000));
      },
    }),
  },
  {
    name: 'the database is slow for three seconds',
    right: [],
    setUp: (random) => {
      const api = loaded('api', random, { steps: [cpu(3), io(10)], cpuMs: 3 });
      return {
        services: [api],
        trouble: (_engine, second) => {
          api.steps = [cpu(3), io(second < 3 ? random.between(200, 400) : 10)];
        },
      };
    },
  },
  {
    name: 'a service that has always taken its time',
    right: [],
    setUp: (random) => ({
      services: [
        loaded('reports', random, { steps: [cpu(3), io(random.between(40, 80))], cpuMs: 3 }),
      ],
    }),
  },
  {
    name: 'many requests in flight, all of which wait outside as they always do',
    right: [],
    setUp: (random) => ({
      services: [
        loaded('feed', random, {
          steps: [cpu(0.4), io(random.between(15, 18)), io(15), io(15)],
          cpuMs: 0.4,
          workers: 2,
          busy: random.between(0.25, 0.35),
        }),
      ],
    }),
  },
  {
    name: 'no samples for half a minute',
    right: [],
    setUp: (random) => ({
      services: [loaded('api', random, { workers: 2 }), loaded('feed', random)],
      seen: withoutSamples,
    }),
  },
  {
    name: 'an overload on a machine of which nobody knows anything',
    right: [],
    setUp: (random) => ({
      calmSeconds: 0,
      troubleSeconds: 60,
      services: [loaded('api', random, { busy: 0.4 })],
      trouble: times('api', random.between(2.8, 3.6)),
      seen: withoutMachine,
    }),
  },
  {
    name: 'a slow request now and then, of few',
    right: [],
    setUp: (random) => {
      const api = loaded('api', random, { steps: [cpu(3), io(10)], requestsPerSecond: 0.4 });
      return {
        services: [api],
        trouble: once(() => {
          api.steps = [cpu(3), io(random.between(200, 300))];
        }),
      };
    },
  },
  {
    name: 'half as many requests again, which the workers can carry',
    right: [],
    setUp: (random) => ({
      services: [loaded('api', random, { workers: 4, busy: 0.4, cpuMs: 4, cv2: 0.3 })],
      trouble: times('api', random.between(1.3, 1.6)),
    }),
  },
];
