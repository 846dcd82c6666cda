import type { ServiceView, View } from '../../../src/advisor/view.ts';
import { asked, call, cpu, io, loaded, once, type Scenario, type Stage } from './scenario.ts';

/** Several waits, so that no single request takes far longer than the mean. */
const evenly = (ms: number) => [cpu(0.5), ...Array.from({ length: 20 }, () => io(ms / 20))];

const without =
  (service: string): NonNullable<Stage['seen']> =>
  (view) => ({ ...view, services: view.services.filter((one) => one.service !== service) });

/** Every call of this callee takes so much longer on its way. */
const delayed =
  (callee: string, by: number) =>
  (one: ServiceView): ServiceView => ({
    ...one,
    latencyMs: { ...one.latencyMs, p50: one.latencyMs.p50 + by, p99: one.latencyMs.p99 + by },
    pending: one.pending + Math.round((one.arrivalsPerSecond * by) / 1_000),
    ...(one.lastSecond?.p99Ms !== undefined && {
      lastSecond: { ...one.lastSecond, p99Ms: one.lastSecond.p99Ms + by },
    }),
    split: {
      ...one.split,
      downstreamMs: {
        ...one.split.downstreamMs,
        [callee]: (one.split.downstreamMs[callee] ?? 0) + by,
      },
    },
  });

const only =
  (service: string, change: (one: ServiceView) => ServiceView): NonNullable<Stage['seen']> =>
  (view: View) => ({
    ...view,
    services: view.services.map((one) => (one.service === service ? change(one) : one)),
  });

/** A callee has to do with it, and is not the one to look at. */
export const callingScenarios: readonly Scenario[] = [
  {
    name: 'a dependency that runs elsewhere becomes slow',
    right: ['investigate shop'],
    setUp: (random) => {
      const billing = asked('billing', [cpu(0.1), io(8)]);
      const shop = loaded('shop', random, { steps: [cpu(2), call('billing'), cpu(1)], cpuMs: 3 });
      return {
        services: [shop, billing],
        trouble: once(() => {
          billing.steps = [cpu(0.1), io(random.between(300, 900))];
        }),
        seen: without('billing'),
      };
    },
  },
  {
    name: 'a dependency that runs elsewhere was slow from the first request on',
    right: ['investigate shop'],
    setUp: (random) => {
      const steps = [cpu(2), call('billing'), cpu(1)];
      return {
        calmSeconds: 0,
        services: [
          loaded('shop', random, { steps, cpuMs: 3 }),
          asked('billing', [cpu(0.1), io(random.between(500, 900))]),
        ],
        seen: without('billing'),
      };
    },
  },
  {
    name: 'after a release a request makes some forty calls instead of one',
    right: ['investigate shop'],
    setUp: (random) => {
      const stock = asked('stock', [cpu(0.4), io(5)]);
      const shop = loaded('shop', random, {
        steps: [cpu(1), call('stock')],
        requestsPerSecond: 18,
      });
      const count = 30 + random.index(20);
      return {
        services: [shop, stock],
        trouble: once(() => {
          shop.steps = [cpu(1), ...Array.from({ length: count }, () => call('stock'))];
        }),
      };
    },
  },
  {
    name: 'the way to a callee becomes slow',
    right: ['investigate shop'],
    setUp: (random) => {
      const shop = loaded('shop', random, { steps: [cpu(2), call('stock')], cpuMs: 2 });
      return {
        services: [shop, asked('stock', [cpu(0.5), io(4)])],
        seen: only('shop', delayed('stock', random.between(200, 600))),
      };
    },
  },
  {
    name: 'a callee takes longer within its own lines, and each request calls it six times',
    right: ['investigate shop'],
    setUp: (random) => {
      const stock = asked('stock', [cpu(0.5), io(5)]);
      const calls = Array.from({ length: 6 }, () => call('stock'));
      const shop = loaded('shop', random, { steps: [cpu(1), ...calls], requestsPerSecond: 30 });
      return {
        services: [shop, stock],
        trouble: once(() => {
          stock.steps = evenly(random.between(38, 46));
        }),
      };
    },
  },
  {
    name: 'four callees take longer, each within its own lines',
    right: ['investigate shop'],
    setUp: (random) => {
      const callees = ['stock', 'users', 'prices', 'taxes'].map((name) => asked(name, evenly(8)));
      const calls = callees.map(({ name }) => call(name));
      const shop = loaded('shop', random, { steps: [cpu(1), ...calls], requestsPerSecond: 30 });
      const wait = random.between(36, 44);
      return {
        services: [shop, ...callees],
        trouble: once(() => {
          for (const callee of callees) callee.steps = evenly(wait);
        }),
      };
    },
  },
];
