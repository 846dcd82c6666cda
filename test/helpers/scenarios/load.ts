import { defaultSettings } from '../../../src/advisor/settings.ts';
import { inSlices } from '../../../src/simulator/engine/app.ts';
import { asked, call, cpu, io, loaded, once, type Scenario, times } from './scenario.ts';

/** More requests than the workers can serve. */
export const loadScenarios: readonly Scenario[] = [
  {
    name: 'one worker is overloaded',
    right: ['scale_up api'],
    setUp: (random) => ({
      services: [loaded('api', random, { busy: 0.3 }), loaded('other', random)],
      trouble: times('api', random.between(3.4, 5)),
    }),
  },
  {
    name: 'several workers are overloaded',
    right: ['scale_up api'],
    setUp: (random) => ({
      services: [loaded('api', random, { busy: 0.4, workers: 2 + random.index(4) })],
      trouble: times('api', random.between(2.5, 3.5)),
    }),
  },
  {
    name: 'ten times the load at once',
    right: ['scale_up api'],
    setUp: (random) => ({
      services: [loaded('api', random, { busy: random.between(0.15, 0.3), workers: 2 })],
      trouble: times('api', 10),
    }),
  },
  {
    name: 'a flash crowd that comes within twenty seconds',
    right: ['scale_up api'],
    setUp: (random) => {
      const api = loaded('api', random, { busy: 0.2, workers: 2 });
      const usual = api.requestsPerSecond;
      const peak = random.between(6, 9);
      return {
        services: [api],
        trouble: (_engine, second) => {
          api.requestsPerSecond = usual * (1 + ((peak - 1) * Math.min(20, second)) / 20);
        },
      };
    },
  },
  {
    name: 'a load that grows for a minute',
    right: ['scale_up api'],
    setUp: (random) => {
      const api = loaded('api', random, { busy: 0.3, workers: 1 + random.index(3) });
      const usual = api.requestsPerSecond;
      return {
        services: [api],
        troubleSeconds: 80,
        trouble: (_engine, second) => {
          api.requestsPerSecond = usual * (1 + (3 * Math.min(60, second)) / 60);
        },
      };
    },
  },
  {
    name: 'a callee is overloaded, and its caller waits for it',
    right: ['scale_up stock'],
    setUp: (random) => {
      const shop = loaded('shop', random, { steps: [cpu(1), call('stock'), cpu(0.5)], busy: 0.05 });
      shop.requestsPerSecond = random.between(30, 45);
      const costly = 1_000 / shop.requestsPerSecond;
      return {
        services: [shop, asked('stock', [cpu(costly * 0.35)])],
        trouble: times('shop', random.between(3.2, 4.2)),
      };
    },
  },
  {
    name: 'a service two hops away is overloaded',
    right: ['scale_up prices'],
    setUp: (random) => {
      const shop = loaded('shop', random, { steps: [cpu(1), call('stock')], busy: 0.05 });
      shop.requestsPerSecond = random.between(30, 45);
      const costly = 1_000 / shop.requestsPerSecond;
      return {
        services: [
          shop,
          asked('stock', [cpu(1), call('prices'), cpu(0.5)]),
          asked('prices', [cpu(costly * 0.35)]),
        ],
        trouble: times('shop', random.between(3.2, 4)),
      };
    },
  },
  {
    name: 'two services are overloaded at once',
    right: ['scale_up api', 'scale_up feed'],
    setUp: (random) => ({
      services: [
        loaded('api', random, { busy: 0.3 }),
        loaded('feed', random, { busy: 0.3, workers: 2 }),
      ],
      trouble: (engine, second) => {
        times('api', 4)(engine, second);
        times('feed', 4)(engine, second);
      },
    }),
  },
  {
    name: 'a release makes each request cost more',
    right: ['scale_up api'],
    setUp: (random) => ({
      services: [loaded('api', random, { busy: 0.35, cpuMs: 5, workers: 1 + random.index(3) })],
      trouble: once((engine) => {
        engine.member('api').service.steps = inSlices(5 * random.between(3, 4), 5, 2);
      }),
    }),
  },
  {
    name: 'a service that others post to is overloaded',
    right: ['scale_up mailer'],
    setUp: (random) => {
      const shop = loaded('shop', random, { steps: [cpu(1), call('mailer', false)], busy: 0.05 });
      shop.requestsPerSecond = random.between(25, 40);
      return {
        services: [shop, asked('mailer', [cpu((1_000 / shop.requestsPerSecond) * 0.35)])],
        trouble: times('shop', random.between(3.4, 4.5)),
      };
    },
  },
  {
    name: 'an overload while the database is as slow as ever',
    right: ['scale_up api'],
    setUp: (random) => ({
      services: [
        loaded('api', random, {
          busy: 0.4,
          cpuMs: 6,
          workers: 2,
          steps: [cpu(3), io(random.between(40, 60)), cpu(3)],
        }),
      ],
      trouble: times('api', random.between(2.6, 3.4)),
    }),
  },
  {
    name: 'a bigger load than one core can carry, on a machine with a few others',
    right: ['scale_up api'],
    setUp: (random) => ({
      cores: 4,
      services: [loaded('api', random, { busy: 0.4 }), loaded('b', random), loaded('c', random)],
      trouble: times('api', random.between(2.8, 3.6)),
    }),
  },
  {
    name: 'an overloaded service that has all the workers it may have',
    right: ['investigate api'],
    setUp: (random) => ({
      services: [loaded('api', random, { busy: 0.3, workers: 2, maxWorkers: 2 })],
      trouble: times('api', random.between(3.6, 5)),
    }),
  },
  {
    name: 'the same, and its autopilot sees it come',
    right: ['investigate api'],
    setUp: (random) => ({
      services: [loaded('api', random, { busy: 0.3, workers: 3, maxWorkers: 3 })],
      settings: { ...defaultSettings, autoExecute: true },
      trouble: times('api', random.between(3.6, 5)),
    }),
  },
  {
    name: 'a service that has all the workers it may have, and is in good use',
    right: [],
    setUp: (random) => ({
      services: [loaded('api', random, { busy: 0.3, workers: 3, maxWorkers: 3 })],
      trouble: times('api', random.between(1.5, 2)),
    }),
  },
  {
    name: 'a callee that has all the workers it may have is overloaded',
    right: ['investigate stock'],
    setUp: (random) => {
      const shop = loaded('shop', random, { steps: [cpu(1), call('stock'), cpu(0.5)], busy: 0.05 });
      shop.requestsPerSecond = random.between(30, 45);
      const costly = 1_000 / shop.requestsPerSecond;
      return {
        services: [shop, asked('stock', [cpu(costly * 0.35)], { maxWorkers: 1 })],
        trouble: times('shop', random.between(3.2, 4.2)),
      };
    },
  },
  {
    name: 'a slow database of a service that has all the workers it may have',
    right: ['investigate api'],
    setUp: (random) => ({
      services: [
        loaded('api', random, {
          busy: 0.2,
          workers: 2,
          maxWorkers: 2,
          steps: [cpu(3), io(10), cpu(1)],
          cpuMs: 4,
        }),
      ],
      trouble: once((engine) => {
        engine.member('api').service.steps = [cpu(3), io(random.between(700, 900)), cpu(1)];
      }),
    }),
  },
  {
    name: 'an overloaded service whose next worker does not fit into the memory',
    right: [],
    setUp: (random) => ({
      memoryMb: 600,
      services: [loaded('api', random, { busy: 0.3, memoryMb: () => 400 })],
      trouble: times('api', random.between(3.6, 5)),
    }),
  },
];
