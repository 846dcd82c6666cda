import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ServiceView } from '../../src/advisor/view.ts';
import { Histogram } from '../../src/protocol/histogram.ts';
import type { ServiceSample, WorkerSample } from '../../src/protocol/metrics.ts';
import type { WorkerStatus } from '../../src/protocol/topology.ts';
import { megabytes } from '../../src/protocol/units.ts';
import type { MeasuredService } from '../../src/supervisor/metrics/measured.ts';
import { Metrics } from '../../src/supervisor/metrics/metrics.ts';
import { RunQueue } from '../../src/supervisor/metrics/run-queue.ts';

const worker = (
  id: string,
  status: WorkerStatus = 'ready',
): MeasuredService['workers'][number] => ({
  id,
  pid: process.pid,
  status,
  startedAt: 0,
});
const service = (name: string, workers: MeasuredService['workers']): MeasuredService => ({
  name,
  group: name,
  colocatedWith: [],
  minWorkers: 1,
  maxWorkers: 4,
  workers,
});

const served = (given: Partial<ServiceSample>): ServiceSample => ({
  service: 'users',
  arrivals: 100,
  completions: 100,
  errors: 0,
  inFlight: 0,
  cpuMs: 200,
  loopWaitMs: 0,
  totalMs: 400,
  latency: [],
  latencyMaxMs: 4,
  slices: { count: 100, maxMs: 2, sumOfSquaresMs2: 400 },
  downstream: {},
  ...given,
});
const sample = (given: Partial<WorkerSample> & Pick<WorkerSample, 'services'>): WorkerSample => ({
  at: 0,
  periodMs: 1_000,
  cpu: 20,
  eventLoopUtilization: 0.2,
  rssBytes: 90 * 1024 ** 2,
  heapUsedBytes: 0,
  ...given,
});

/** Each worker reports once a second from its first second up to now. */
const reported = (firstSeconds: Readonly<Record<string, number>>, now: number): Metrics => {
  const metrics = new Metrics();
  for (const [id, first] of Object.entries(firstSeconds)) {
    for (let at = first; at <= now; at += 1) {
      metrics.report(id, sample({ services: [served({})] }), at * 1_000);
    }
  }
  return metrics;
};

const seen = (metrics: Metrics, measured: MeasuredService, at: number): ServiceView => {
  const machine = { name: 'test', cores: 2, memoryBytes: 0, memoryUsedBytes: 0 };
  const [view] = metrics.view([measured], machine, at * 1_000).services;
  if (view === undefined) throw new Error('The service is not in the view');
  return view;
};

test('a worker that has just come adds its own requests, and does not multiply the others', () => {
  const metrics = reported({ 'users#1': 1 }, 10);
  metrics.report(
    'users#2',
    sample({ services: [served({ arrivals: 10, completions: 10 })] }),
    10_000,
  );
  const both = service('users', [worker('users#1'), worker('users#2')]);
  const { arrivalsPerSecond, completionsPerSecond } = seen(metrics, both, 10);
  expect({ arrivalsPerSecond, completionsPerSecond }).toEqual({
    arrivalsPerSecond: 110,
    completionsPerSecond: 110,
  });
});

test('a worker that starts or leaves is none of those that are measured', () => {
  const metrics = reported({ 'users#1': 1, 'users#2': 1 }, 10);
  const workers = [worker('users#1'), worker('users#2', 'draining'), worker('users#3', 'starting')];
  const view = seen(metrics, service('users', workers), 10);
  expect(view).toMatchObject({ workers: 1, busyPerWorker: [20], arrivalsPerSecond: 100 });
});

test('how long a loop did not turn, and in what, is told of a service that has its workers for itself', () => {
  const metrics = reported({ 'users#1': 1 }, 10);
  const users = service('users', [worker('users#1'), worker('users#2')]);
  expect(seen(metrics, users, 10)).not.toHaveProperty('eventLoopDelayMs');

  const delayed = (eventLoopDelayMs: number) => sample({ eventLoopDelayMs, services: [] });
  metrics.report('users#1', delayed(150), 11_000);
  metrics.report('users#2', delayed(4), 12_000);
  expect(seen(metrics, users, 12).eventLoopDelayMs).toBe(150);
  expect(metrics.worker('users#2', 12_000).eventLoopDelayMs).toBe(4);
  const stalledIn = 'parse (/app/a.js:1)';
  const named = { ...users, workers: [worker('users#1'), { ...worker('users#2'), stalledIn }] };
  expect(seen(metrics, named, 12).stalledIn).toBe(stalledIn);
  const shared = seen(metrics, { ...named, colocatedWith: ['orders'] }, 12);
  expect(shared).not.toHaveProperty('eventLoopDelayMs');
  expect(shared).not.toHaveProperty('stalledIn');
});

test('what waits in a saturated caller is not pending at the service that it called', () => {
  const calling = (eventLoopUtilization: number): Metrics => {
    const metrics = reported({ 'users#1': 1 }, 10);
    const downstream = { users: { calls: 900, waitMs: 0, outstanding: 990 } };
    const orders = served({ service: 'orders', downstream });
    metrics.report('orders#1', sample({ eventLoopUtilization, services: [orders] }), 10_000);
    return metrics;
  };
  const users = service('users', [worker('users#1')]);
  expect(seen(calling(1), users, 10).pending).toBe(0);
  expect(seen(calling(0.3), users, 10).pending).toBe(990);
});

test('how many calls a request makes is told of each callee', () => {
  const metrics = new Metrics();
  const downstream = {
    stock: { calls: 4_000, waitMs: 8_000, outstanding: 0 },
    users: { calls: 50, waitMs: 100, outstanding: 0 },
  };
  // While they are slow, fewer are answered than begin.
  const orders = served({ service: 'orders', completions: 20, downstream });
  metrics.report('orders#1', sample({ services: [orders] }), 1_000);
  const { split } = seen(metrics, service('orders', [worker('orders#1')]), 1);
  expect(split.calls).toEqual({ stock: 40, users: 0.5 });
});

test('the last second is told apart from the window', () => {
  const metrics = reported({ 'users#1': 1 }, 10);
  const slow = new Histogram();
  slow.recordMs(400);
  const latency = { latency: slow.toSparse(), latencyMaxMs: slow.maxMs };
  const last = served({ arrivals: 700, completions: 300, errors: 30, ...latency });
  metrics.report('users#1', sample({ services: [last] }), 11_000);
  const view = seen(metrics, service('users', [worker('users#1')]), 11);
  const p99Ms = slow.quantileMs(0.99);
  const errorRate = 0.1;
  expect(view.lastSecond).toEqual({ arrivals: 700, completions: 300, p99Ms, errorRate });
  expect(view.arrivalsPerSecond).toBe(220);
  const counted = (slowFromMs: number) =>
    seen(metrics, { ...service('users', [worker('users#1')]), slowFromMs }, 11).lastSecond;
  expect(counted(300)?.slowRate).toBe(1);
  expect(counted(500)?.slowRate).toBeUndefined();
  const fast = served({ arrivals: 500, completions: 500, latency: [[40, 500]] });
  metrics.report('users#2', sample({ services: [fast] }), 11_000);
  const both = service('users', [worker('users#1'), worker('users#2')]);
  expect(seen(metrics, both, 11).lastSecond?.p99Ms).toBeLessThan(1);
});

test('how long a worker takes to start is known once one was seen to', () => {
  const metrics = reported({ 'users#1': 1 }, 10);
  const at = (status: 'starting' | 'ready', second: number): ServiceView =>
    seen(
      metrics,
      service('users', [worker('users#1'), { ...worker('users#2', status), startedAt: 8_000 }]),
      second,
    );
  expect(at('starting', 10).startupMs).toBeUndefined();
  expect(at('ready', 13).startupMs).toBe(5_000);
  expect(at('ready', 40).startupMs).toBe(5_000);
});

test('a loop that is full is seen two seconds after it has filled', () => {
  const metrics = reported({ 'users#1': 1 }, 10);
  const full = sample({ services: [served({})], eventLoopUtilization: 1 });
  for (const at of [11, 12]) metrics.report('users#1', full, at * 1_000);
  expect(seen(metrics, service('users', [worker('users#1')]), 12).busyPerWorker).toEqual([100]);
});

test('how long a request holds the loop is that of the workers which measure it', () => {
  const metrics = reported({ 'users#1': 1 }, 10);
  const users = service('users', [worker('users#1'), worker('users#2')]);
  expect(seen(metrics, users, 10)).not.toHaveProperty('held');
  const held = { count: 100, visits: 200, sumMs: 300, sumOfSquaresMs2: 1_700 };
  metrics.report('users#2', sample({ services: [served({ held })] }), 10_000);
  expect(seen(metrics, users, 10).held).toEqual({ meanMs: 3, meanSquareMs2: 17, visits: 2 });
});

test('workers that are no more are forgotten, whatever their service is called', () => {
  const metrics = reported({ 'users#1': 0, 'users#2': 0, 'ingress-api#1': 0 }, 5);
  metrics.keepOnly(new Set(['users#1']));
  const sizes = ['users#1', 'users#2', 'ingress-api#1'].map(
    (id) => metrics.worker(id, 5_000).rssBytes,
  );
  expect(sizes).toEqual([90 * 1024 ** 2, 0, 0]);
});

test('a wait for a core is told of the last minute, and of no longer', async () => {
  const waited = () => readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1];
  const queue = new RunQueue();
  const patient = { timeout: 10_000 };
  const [from, hourLater] = [0, 3_600_000];
  const before = waited();
  expect(queue.starvation(process.pid, from)).toBe(0);
  await expect.poll(waited, patient).not.toBe(before);
  expect(queue.starvation(process.pid, from + 1_000)).toBeGreaterThan(0);
  await expect.poll(waited, patient).not.toBe(waited());
  expect(queue.starvation(process.pid, hourLater)).toBe(0);
});

test('the largest worker is told apart from the mean that hides it, and the limit if there is one', () => {
  const metrics = new Metrics();
  const sizes = { 'users#1': 100, 'users#2': 3_000, 'users#3': 200 };
  for (const [id, mb] of Object.entries(sizes)) {
    metrics.report(id, sample({ services: [served({})], rssBytes: megabytes(mb) }), 1_000);
  }
  const measured = service(
    'users',
    Object.keys(sizes).map((id) => worker(id)),
  );
  const view = seen(metrics, { ...measured, memoryLimit: megabytes(4_000) }, 1);
  expect(view.memoryMbPerWorker).toBeCloseTo(1_100);
  expect(view.largestWorker).toEqual({ id: 'users#2', memoryMb: 3_000 });
  expect(view.memoryLimitMb).toBe(4_000);
  expect(seen(metrics, measured, 1).memoryLimitMb).toBeUndefined();
});
