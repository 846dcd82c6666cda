import { asked, call, cpu, io, loaded, once, type Scenario } from './scenario.ts';

/** Requests that are slow because something else is. */
export const waitingScenarios: readonly Scenario[] = [
  {
    name: 'the database becomes slow',
    right: ['investigate api'],
    setUp: (random) => {
      const api = loaded('api', random, { steps: [cpu(2), io(10), cpu(2)], cpuMs: 4, workers: 2 });
      return {
        services: [api, loaded('other', random)],
        trouble: once(() => {
          api.steps = [cpu(2), io(random.between(300, 900)), cpu(2)];
        }),
      };
    },
  },
  {
    name: 'the database of a callee becomes slow',
    right: ['investigate stock'],
    setUp: (random) => {
      const stock = asked('stock', [cpu(2), io(8), cpu(1)]);
      const shop = loaded('shop', random, { steps: [cpu(2), call('stock'), cpu(1)], cpuMs: 3 });
      return {
        services: [shop, stock],
        trouble: once(() => {
          stock.steps = [cpu(2), io(random.between(300, 900)), cpu(1)];
        }),
      };
    },
  },
  {
    name: 'the database two hops away becomes slow',
    right: ['investigate prices'],
    setUp: (random) => {
      const prices = asked('prices', [cpu(1), io(8), cpu(1)]);
      const shop = loaded('shop', random, { steps: [cpu(2), call('stock')], cpuMs: 4 });
      return {
        services: [shop, asked('stock', [cpu(1), call('prices'), cpu(1)]), prices],
        trouble: once(() => {
          prices.steps = [cpu(1), io(random.between(300, 900)), cpu(1)];
        }),
      };
    },
  },
  {
    name: 'one of two callees has a slow database',
    right: ['investigate stock'],
    setUp: (random) => {
      const stock = asked('stock', [cpu(1), io(8)]);
      const users = asked('users', [cpu(1), io(8)]);
      const shop = loaded('shop', random, {
        steps: [cpu(2), call('users'), call('stock'), cpu(1)],
        cpuMs: 5,
      });
      return {
        services: [shop, stock, users],
        trouble: once(() => {
          stock.steps = [cpu(1), io(random.between(300, 800))];
        }),
      };
    },
  },
  {
    name: 'whoever is posted to has a slow database',
    right: ['investigate mailer'],
    setUp: (random) => {
      const mailer = asked('mailer', [cpu(1), io(10)]);
      const shop = loaded('shop', random, { steps: [cpu(2), call('mailer', false)], cpuMs: 4 });
      return {
        services: [shop, mailer],
        trouble: once(() => {
          mailer.steps = [cpu(1), io(random.between(400, 900))];
        }),
      };
    },
  },
  {
    name: 'the pool of connections is exhausted',
    right: ['investigate api'],
    setUp: (random) => {
      const pool = { name: 'db', size: 3 + random.index(4) };
      const api = loaded('api', random, { busy: 0.15, cpuMs: 3, workers: 2 });
      const each = (0.5 * pool.size * 1_000) / api.requestsPerSecond;
      api.steps = [cpu(1.5), { type: 'io', ms: each, pool }, cpu(1.5)];
      return {
        services: [api],
        trouble: once(() => {
          api.requestsPerSecond *= random.between(2.3, 3);
        }),
      };
    },
  },
  {
    name: 'a provider that answers in a second, asked by one request of ten',
    right: ['investigate api'],
    setUp: (random) => {
      const api = loaded('api', random, { steps: [cpu(4), io(20)], cpuMs: 4, busy: 0.4 });
      return {
        services: [api],
        trouble: once(() => {
          api.steps = [cpu(4), io(random.between(150, 250))];
        }),
      };
    },
  },
  {
    name: 'the database is slow while the service is rather busy',
    right: ['investigate api'],
    setUp: (random) => {
      const api = loaded('api', random, { steps: [cpu(3), io(10), cpu(3)], cpuMs: 6, busy: 0.55 });
      return {
        services: [api],
        trouble: once(() => {
          api.steps = [cpu(3), io(random.between(400, 900)), cpu(3)];
        }),
      };
    },
  },
  {
    name: 'two services share a slow database',
    right: ['investigate api', 'investigate feed'],
    setUp: (random) => {
      const api = loaded('api', random, { steps: [cpu(2), io(10)], cpuMs: 2 });
      const feed = loaded('feed', random, { steps: [cpu(4), io(10)], cpuMs: 4 });
      const slow = random.between(300, 900);
      return {
        services: [api, feed],
        trouble: once(() => {
          api.steps = [cpu(2), io(slow)];
          feed.steps = [cpu(4), io(slow)];
        }),
      };
    },
  },
];
