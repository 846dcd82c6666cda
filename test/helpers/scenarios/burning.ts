import { failing } from './failing.ts';
import { cpu, io, loaded, type Scenario } from './scenario.ts';

/** A database that is slow for so many seconds of every so many. */
const nowAndThen =
  (slowSeconds: number, everySeconds: number): Scenario['setUp'] =>
  (random) => {
    const api = loaded('api', random, { steps: [cpu(2), io(10)], cpuMs: 2, busy: 0.1 });
    const slowMs = random.between(700, 1_000);
    return {
      services: [api, loaded('other', random, { busy: 0.1 })],
      troubleSeconds: 300,
      trouble: (_engine, second) => {
        api.steps = [cpu(2), io(second % everySeconds < slowSeconds ? slowMs : 10)];
      },
    };
  };

/** A service that hardly anybody asks, so often a second, whose database takes so long. */
const hardlyAsked =
  (perSecond: number, slowMs: number): Scenario['setUp'] =>
  (random) => {
    const api = loaded('api', random, {
      steps: [cpu(3), io(10)],
      cpuMs: 3,
      requestsPerSecond: perSecond,
    });
    return {
      services: [api],
      calmSeconds: 120,
      troubleSeconds: 180,
      trouble: () => {
        api.steps = [cpu(3), io(slowMs)];
      },
    };
  };

/** Trouble that is not there all the time, or that few requests tell of. */
export const burningScenarios: readonly Scenario[] = [
  {
    name: 'the database is slow for two seconds of every twelve',
    right: ['investigate api'],
    setUp: nowAndThen(2, 12),
  },
  {
    name: 'the database is slow for three seconds of every ten',
    right: ['investigate api'],
    setUp: nowAndThen(3, 10),
  },
  {
    name: 'the database is slow for a second of every two minutes',
    right: [],
    setUp: nowAndThen(1, 120),
  },
  {
    name: 'four requests of a hundred fail for a quarter of an hour',
    right: ['investigate api'],
    setUp: (random) => ({
      services: [loaded('api', random, { busy: 0.1 })],
      troubleSeconds: 900,
      seen: failing({ api: random.between(0.035, 0.045) }),
    }),
  },
  {
    name: 'one request in five seconds, and the database is slow',
    right: ['investigate api'],
    setUp: hardlyAsked(0.2, 1_500),
  },
  {
    name: 'a request every other second, and what it waits for takes five',
    right: ['investigate api'],
    setUp: hardlyAsked(0.5, 5_000),
  },
  {
    name: 'not a request a second, and the database is slow',
    right: ['investigate api'],
    setUp: hardlyAsked(0.8, 900),
  },
  {
    name: 'one request in five seconds, and each fails',
    right: ['investigate api'],
    setUp: (random) => ({
      services: [loaded('api', random, { requestsPerSecond: 0.2, cpuMs: 3 })],
      calmSeconds: 120,
      troubleSeconds: 180,
      seen: failing({ api: 1 }),
    }),
  },
  {
    name: 'a slow request now and then, in a quiet half hour',
    right: [],
    setUp: (random) => {
      const api = loaded('api', random, {
        steps: [cpu(3), io(10)],
        cpuMs: 3,
        requestsPerSecond: 0.1,
      });
      return {
        services: [api],
        troubleSeconds: 1_800,
        trouble: (_engine, second) => {
          api.steps = [cpu(3), io(second % 600 < 12 ? 1_500 : 10)];
        },
      };
    },
  },
  {
    name: 'nothing happens in half an hour',
    right: [],
    setUp: (random) => ({
      troubleSeconds: 1_800,
      services: [
        loaded('api', random, { busy: 0.3, requestsPerSecond: 20, cpuMs: 15 }),
        loaded('quiet', random, { requestsPerSecond: 0.3, cpuMs: 3, steps: [cpu(3), io(10)] }),
      ],
    }),
  },
];
