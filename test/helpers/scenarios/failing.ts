import type { ServiceView, View } from '../../../src/advisor/view.ts';
import { asked, call, cpu, io, loaded, type Scenario, times } from './scenario.ts';

/** What a view says when this part of the answers of each of these services were errors. */
export const failing =
  (shares: Readonly<Record<string, number>>, forSeconds = Number.POSITIVE_INFINITY) =>
  (view: View, second: number): View => ({
    ...view,
    services: view.services.map((service) => {
      const share = shares[service.service];
      return share === undefined ? service : withErrors(service, share, { second, forSeconds });
    }),
  });

type When = { readonly second: number; readonly forSeconds: number };

/** A view spans five seconds, and its last second alone is told as well. */
const withErrors = (service: ServiceView, share: number, { second, forSeconds }: When) => {
  const seconds = Math.max(0, Math.min(second + 1, 5) - Math.max(0, second + 1 - forSeconds));
  const { lastSecond } = service;
  return {
    ...service,
    errorRate: (share * seconds) / 5,
    ...(lastSecond !== undefined && {
      lastSecond: { ...lastSecond, errorRate: second < forSeconds ? share : 0 },
    }),
  };
};

/** A service whose answers are errors, of which this part; and one that is well. */
const alone =
  (low: number, high: number, forSeconds?: number): Scenario['setUp'] =>
  (random) => ({
    services: [loaded('api', random), loaded('other', random)],
    seen: failing({ api: random.between(low, high) }, forSeconds),
  });

export const failingScenarios: readonly Scenario[] = [
  {
    name: 'every request of a service fails at once',
    right: ['investigate api'],
    setUp: alone(1, 1),
  },
  {
    name: 'one request of ten fails',
    right: ['investigate api'],
    setUp: alone(0.08, 0.3),
  },
  {
    name: 'one request of a hundred fails',
    right: [],
    setUp: alone(0.005, 0.03),
  },
  {
    name: 'every request fails for two seconds',
    right: [],
    setUp: alone(1, 1, 2),
  },
  {
    name: 'requests fail because a callee of a callee does',
    right: ['investigate prices'],
    setUp: (random) => {
      const share = random.between(0.1, 1);
      const steps = [cpu(2), call('stock'), cpu(1)];
      return {
        services: [
          loaded('shop', random, { steps, cpuMs: 3 }),
          asked('stock', [cpu(1), call('prices')]),
          asked('prices', [cpu(1), io(4)]),
        ],
        seen: failing({ shop: share, stock: share, prices: share }),
      };
    },
  },
  {
    name: 'requests fail because no worker of a callee is ready',
    right: ['investigate shop'],
    setUp: (random) => {
      const steps = [cpu(2), call('stock'), cpu(1)];
      const failed = failing({ shop: random.between(0.3, 1) });
      return {
        services: [loaded('shop', random, { steps, cpuMs: 3 }), asked('stock', [cpu(1), io(4)])],
        seen: (view, second) => {
          const seen = failed(view, second);
          const gone = { workers: 0, busyPerWorker: [], completionsPerSecond: 0 };
          const services = seen.services.map((one) =>
            one.service === 'stock' ? { ...one, ...gone } : one,
          );
          return { ...seen, services };
        },
      };
    },
  },
  {
    name: 'requests fail because there is more to do than can be done',
    right: ['scale_up api'],
    setUp: (random) => ({
      services: [loaded('api', random, { busy: 0.4 })],
      trouble: times('api', random.between(2.5, 3)),
      seen: failing({ api: random.between(0.1, 0.4) }),
    }),
  },
];
