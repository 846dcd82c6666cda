import { expect, test } from 'vitest';
import { Histogram } from '../../src/protocol/histogram.ts';
import type { ServiceSample, WorkerSample } from '../../src/protocol/metrics.ts';
import { inspect } from '../../src/supervisor/metrics/inspect.ts';

const sampleOf = (service: string, tookMs: readonly number[], calls = {}): WorkerSample => {
  const latency = new Histogram();
  for (const took of tookMs) latency.recordMs(took);
  const own: ServiceSample = {
    service,
    arrivals: tookMs.length,
    completions: tookMs.length,
    errors: 0,
    inFlight: 0,
    cpuMs: 2 * tookMs.length,
    loopWaitMs: tookMs.length,
    totalMs: tookMs.reduce((sum, took) => sum + took, 0),
    latency: latency.toSparse(),
    latencyMaxMs: latency.maxMs,
    slices: { count: 0, maxMs: 0, sumOfSquaresMs2: 0 },
    downstream: calls,
  };
  return {
    at: 0,
    periodMs: 1_000,
    cpu: 5,
    eventLoopUtilization: 0.1,
    rssBytes: 1,
    heapUsedBytes: 7,
    services: [own],
  };
};

const orders = {
  id: 'orders#1',
  samples: [
    sampleOf('orders', [3, 30], { users: { calls: 2, waitMs: 8, outstanding: 5 } }),
    sampleOf('orders', [30, 900], { users: { calls: 2, waitMs: 4, outstanding: 1 } }),
  ],
};
const gateway = {
  id: 'gateway#1',
  samples: [sampleOf('gateway', [1], { orders: { calls: 4, waitMs: 400, outstanding: 2 } })],
};

const found = inspect('orders', [orders], [orders, gateway]);

test('requests are counted by how long they took', () => {
  const counts = found.latency.filter(({ count }) => count > 0);
  expect(counts).toEqual([
    { upToMs: 5, count: 1 },
    { upToMs: 50, count: 2 },
    { upToMs: 1_000, count: 1 },
  ]);
});

test('a request is split by where its time went', () => {
  expect(found.split).toEqual({
    cpuMs: 2,
    loopWaitMs: 1,
    downstreamMs: 3,
    otherMs: (963 - 8 - 4 - 12) / 4,
  });
});

test('calls are told for both directions, at the rate of the last seconds', () => {
  expect(found.calls).toEqual([
    { from: 'orders', to: 'users', perSecond: 2, meanMs: 3, outstanding: 1 },
    { from: 'gateway', to: 'orders', perSecond: 4, meanMs: 100, outstanding: 2 },
  ]);
});

test('each worker has its own figures', () => {
  expect(found.workers).toEqual([
    { id: 'orders#1', requestsPerSecond: 2, p99Ms: expect.closeTo(900, -2), heapUsedBytes: 7 },
  ]);
});

test('of a worker that has not said anything yet nothing is told', () => {
  const silent = { id: 'orders#2', samples: [] };
  const { workers } = inspect('orders', [orders, silent], []);
  expect(workers.map(({ id }) => id)).toEqual(['orders#1']);
});

test('the collector has a share of the minute, where the worker says what it took', () => {
  const [first, second] = orders.samples;
  if (first === undefined || second === undefined) throw new Error('orders has no samples');
  const collected = [
    { ...first, gcMs: 30 },
    { ...second, gcMs: 10 },
  ];
  expect(inspect('orders', [{ ...orders, samples: collected }], []).workers).toMatchObject([
    { gcPercent: 2 },
  ]);
});

test.each([
  [{ users: 'closed' }, 'closed'],
  [{ users: 'closed', 'users.find': 'open' }, 'open'],
  [{ 'users.find': 'half-open', usersx: 'open' }, 'half-open'],
  [{ mailer: 'open' }, undefined],
] as const)('of the breakers %j of a caller its calls have the worst: %s', (breakers, breaker) => {
  const [first, second] = orders.samples;
  if (first === undefined || second === undefined) throw new Error('orders has no samples');
  const isOpen = { ...first, breakers: { users: 'open' } } as const;
  // What was so before is over.
  const samples = [isOpen, { ...second, breakers }];
  const { calls } = inspect('orders', [], [{ ...orders, samples }]);
  expect(calls).toEqual([
    expect.objectContaining({ from: 'orders', to: 'users', ...(breaker && { breaker }) }),
  ]);
  expect('breaker' in (calls[0] ?? {})).toBe(breaker !== undefined);
});
