import type { Random } from '../../../src/simulator/random.ts';
import { cpu, loaded, type Scenario, type Stage } from './scenario.ts';

/** Blocks a random worker again and again. */
const blocking =
  (random: Random, low: number, high: number): NonNullable<Stage['trouble']> =>
  (engine, second) => {
    const { ready } = engine.groupFor('api');
    const worker = ready[random.index(ready.length)];
    if (worker !== undefined && second % 4 === 0) engine.block(worker, random.between(low, high));
  };

const group = { group: 'main' };

/** Whatever holds an event loop. */
export const loopScenarios: readonly Scenario[] = [
  {
    name: 'a neighbour holds the loop they share in long slices',
    right: ['split_out thumbs'],
    setUp: (random) => {
      const thumbs = loaded('thumbs', random, { ...group, steps: [cpu(5)], busy: 0.01, cpuMs: 5 });
      return {
        services: [loaded('users', random, { ...group, busy: 0.1, cpuMs: 2 }), thumbs],
        trouble: () => {
          thumbs.steps = [cpu(random.between(150, 250))];
        },
      };
    },
  },
  {
    name: 'one of three neighbours holds the loop in long slices',
    right: ['split_out thumbs'],
    setUp: (random) => {
      const thumbs = loaded('thumbs', random, { ...group, steps: [cpu(5)], busy: 0.01, cpuMs: 5 });
      return {
        services: [
          loaded('users', random, { ...group, busy: 0.08, cpuMs: 2 }),
          loaded('orders', random, { ...group, busy: 0.08, cpuMs: 3 }),
          thumbs,
        ],
        trouble: () => {
          thumbs.steps = [cpu(random.between(150, 250))];
        },
      };
    },
  },
  {
    name: 'a full loop that two services share',
    right: ['split_out orders'],
    setUp: (random) => {
      const orders = loaded('orders', random, { ...group, busy: 0.25, cpuMs: 4, cv2: 0.2 });
      return {
        services: [loaded('users', random, { ...group, busy: 0.12, cpuMs: 4, cv2: 0.2 }), orders],
        trouble: (_engine, second) => {
          if (second === 0) orders.requestsPerSecond *= random.between(3.6, 4.5);
        },
      };
    },
  },
  {
    name: 'a loop that is blocked again and again',
    right: ['investigate api'],
    setUp: (random) => ({
      services: [loaded('api', random, { busy: 0.2, cpuMs: 3 }), loaded('other', random)],
      trouble: blocking(random, 130, 350),
    }),
  },
  {
    name: 'loops that are blocked in turn, while others take the requests',
    right: ['investigate api'],
    setUp: (random) => ({
      services: [loaded('api', random, { busy: 0.2, cpuMs: 3, workers: 3 + random.index(3) })],
      trouble: blocking(random, 130, 350),
    }),
  },
  {
    name: 'one worker of several is stuck',
    right: ['investigate api'],
    setUp: (random) => ({
      services: [loaded('api', random, { busy: 0.2, cpuMs: 4, workers: 3 + random.index(3) })],
      trouble: (engine, second) => {
        const [first] = engine.groupFor('api').ready;
        if (first !== undefined && second === 0) engine.block(first, 120_000);
      },
    }),
  },
  {
    name: 'a hot key keeps one worker busy',
    right: ['investigate api'],
    setUp: (random) => {
      const workers = 3 + random.index(3);
      const api = loaded('api', random, { busy: 0.8 / workers, cpuMs: 5, workers });
      return {
        services: [api],
        trouble: (_engine, second) => {
          if (second > 0) return;
          api.hotShare = random.between(0.75, 0.85);
          api.requestsPerSecond *= 1.6;
        },
      };
    },
  },
  {
    name: 'a hot key that keeps one worker rather busy, below the critical line',
    right: ['investigate api'],
    setUp: (random) => {
      const api = loaded('api', random, { busy: 0.5, cpuMs: 8, cv2: 0.3, workers: 4 });
      return {
        services: [api],
        troubleSeconds: 120,
        trouble: (_engine, second) => {
          if (second === 0) api.hotShare = random.between(0.34, 0.38);
        },
      };
    },
  },
  {
    name: 'one worker of four is busy with something else',
    right: ['investigate api'],
    setUp: (random) => ({
      services: [loaded('api', random, { busy: random.between(0.25, 0.35), cpuMs: 4, workers: 4 })],
      troubleSeconds: 90,
      trouble: (engine) => {
        const [first] = engine.groupFor('api').ready;
        for (let piece = 0; first !== undefined && piece < 14; piece += 1) engine.block(first, 50);
      },
    }),
  },
  {
    name: 'pauses of a garbage collector',
    right: [],
    setUp: (random) => ({
      services: [loaded('api', random, { busy: 0.3, cpuMs: 4, workers: 2 })],
      trouble: blocking(random, 20, 70),
    }),
  },
  {
    name: 'one long slice',
    right: [],
    setUp: (random) => ({
      services: [loaded('api', random, { busy: 0.25, cpuMs: 4, workers: 2 })],
      trouble: (engine, second) => {
        const [first] = engine.groupFor('api').ready;
        if (first !== undefined && second === 5) engine.block(first, random.between(200, 500));
      },
    }),
  },
];
