import { loaded, once, type Scenario, times } from './scenario.ts';

/** A machine without a free core, and memory. */
export const machineScenarios: readonly Scenario[] = [
  {
    name: 'the machine is full of this app',
    right: ['migrate api', 'migrate feed'],
    setUp: (random) => ({
      cores: 2,
      services: [
        loaded('api', random, { busy: 0.3, workers: 2 }),
        loaded('feed', random, { busy: 0.3, workers: 2 }),
      ],
      trouble: (engine, second) => {
        times('api', random.between(2.6, 3.2))(engine, second);
        times('feed', random.between(2.6, 3.2))(engine, second);
      },
    }),
  },
  {
    name: 'one service has filled the machine',
    right: ['migrate api'],
    setUp: (random) => ({
      cores: 2,
      services: [loaded('api', random, { busy: 0.2, workers: 4 })],
      trouble: times('api', random.between(4, 5)),
    }),
  },
  {
    name: 'other programs have filled the machine',
    right: ['investigate api'],
    setUp: (random) => ({
      cores: 2,
      services: [loaded('api', random, { busy: 0.45 })],
      trouble: once((engine) => {
        engine.othersCores = random.between(4, 6);
      }),
    }),
  },
  {
    name: 'other programs use much of the machine, and nobody minds',
    right: [],
    setUp: (random) => ({
      cores: 8,
      services: [loaded('api', random, { busy: 0.4, workers: 2 })],
      trouble: once((engine) => {
        engine.othersCores = random.between(3, 5);
      }),
    }),
  },
  {
    name: 'an overloaded service beside busy programs gets the cores that are left',
    right: ['scale_up api'],
    setUp: (random) => ({
      cores: 8,
      services: [loaded('api', random, { busy: 0.35 })],
      trouble: (engine, second) => {
        engine.othersCores = 3;
        times('api', random.between(3.2, 4))(engine, second);
      },
    }),
  },
  {
    name: 'two overloaded services, and one core',
    right: ['scale_up api', 'scale_up feed'],
    setUp: (random) => ({
      cores: 3.3,
      services: [
        loaded('api', random, { busy: 0.3, cpuMs: 5 }),
        loaded('feed', random, { busy: 0.25, cpuMs: 5 }),
      ],
      trouble: (engine, second) => {
        times('api', 4)(engine, second);
        times('feed', 4.4)(engine, second);
      },
    }),
  },
  {
    name: 'a leak on its way to the line',
    right: ['investigate api'],
    setUp: (random) => {
      const slope = random.between(0.5, 1);
      let from = 0;
      return {
        troubleSeconds: 420,
        services: [
          loaded('api', random, {
            busy: 0.1,
            memoryMb: (age) => 300 + slope * Math.max(0, age - from),
          }),
        ],
        trouble: (engine, second) => {
          if (second === 0) from = 3_600 + engine.now / 1_000;
        },
      };
    },
  },
  {
    name: 'a leak in one of three services, below the saw-tooth of its collector',
    right: ['investigate api'],
    setUp: (random) => {
      const slope = random.between(0.5, 0.9);
      return {
        troubleSeconds: 420,
        services: [
          loaded('api', random, {
            busy: 0.1,
            memoryMb: (age) => 250 + slope * (age - 3_600) + (age % 19) * 2,
          }),
          loaded('feed', random, { busy: 0.1, memoryMb: (age) => 200 + (age % 23) * 3 }),
          loaded('users', random, { busy: 0.1 }),
        ],
      };
    },
  },
  {
    name: 'a process that is over its memory line',
    right: ['investigate api'],
    setUp: (random) => {
      let size = 400;
      return {
        services: [loaded('api', random, { busy: 0.2, memoryMb: () => size })],
        trouble: once(() => {
          size = random.between(1_050, 1_500);
        }),
      };
    },
  },
  {
    name: 'the saw-tooth of a garbage collector',
    right: [],
    setUp: (random) => {
      const period = 20 + random.index(40);
      return {
        troubleSeconds: 400,
        services: [
          loaded('api', random, { busy: 0.1, memoryMb: (age) => 500 + (age % period) * 5 }),
        ],
      };
    },
  },
  {
    name: 'memory that grows while a service warms up',
    right: [],
    setUp: (random) => {
      const size = random.between(200, 400);
      return {
        troubleSeconds: 400,
        services: [
          loaded('api', random, {
            busy: 0.1,
            memoryMb: (age) => 90 + size * (1 - Math.exp(-(age - 3_600) / 60)),
          }),
        ],
      };
    },
  },
];
