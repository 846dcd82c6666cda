import { expect, test } from 'vitest';
import type { ServiceView } from '../../src/advisor/view.ts';
import type { WorkerSample } from '../../src/protocol/metrics.ts';
import type { MeasuredService } from '../../src/supervisor/metrics/measured.ts';
import { Metrics } from '../../src/supervisor/metrics/metrics.ts';

const idle: WorkerSample = {
  at: 0,
  periodMs: 1_000,
  cpu: 0.4,
  eventLoopUtilization: 0.001,
  rssBytes: 80 * 1024 ** 2,
  heapUsedBytes: 0,
  services: [],
};
const busy: WorkerSample = { ...idle, cpu: 80, eventLoopUtilization: 0.8 };

const users: MeasuredService = {
  name: 'users',
  group: 'users',
  colocatedWith: [],
  minWorkers: 1,
  maxWorkers: 4,
  workers: [{ id: 'users#1', pid: process.pid, status: 'ready', startedAt: 0 }],
};

/** So old that its age is told no more. */
const grown: MeasuredService = {
  ...users,
  workers: users.workers.map((one) => ({ ...one, startedAt: -60_000 })),
};

const say = (metrics: Metrics, samples: readonly WorkerSample[], fromSecond: number): void => {
  for (const [index, sample] of samples.entries()) {
    metrics.report('users#1', sample, (fromSecond + index) * 1_000);
  }
};
const seen = (metrics: Metrics, second: number, service = users): ServiceView | undefined =>
  metrics.view([service], { cores: 2, memoryBytes: 0, memoryUsedBytes: 0 }, second * 1_000)
    .services[0];

/** One whose worker has said the same thing for twelve seconds. */
const atRest = (): Metrics => {
  const metrics = new Metrics();
  say(metrics, Array<WorkerSample>(12).fill(idle), 1);
  return metrics;
};

test('figures of a worker that rests are those of one that says the same each second', () => {
  const metrics = atRest();
  const talking = new Metrics();
  say(
    talking,
    Array.from({ length: 12 }, () => ({ ...idle })),
    1,
  );

  for (let again = 0; again < 2; again += 1) {
    expect(metrics.figures(users, 12_000)).toEqual(talking.figures(users, 12_000));
    expect(metrics.worker('users#1', 12_000)).toEqual(talking.worker('users#1', 12_000));
    expect(seen(metrics, 12)).toEqual(seen(talking, 12));
  }
});

test('what was worked out of them is not worked out again while it rests, except while it is young', () => {
  const metrics = atRest();
  const before = metrics.figures(users, 12_000);
  const [youngAt12, grownAt12] = [seen(metrics, 12), seen(metrics, 12, grown)];
  say(metrics, [idle], 13);

  expect(metrics.figures(users, 13_000)).toBe(before);
  expect(seen(metrics, 13, grown)).toBe(grownAt12);
  expect(seen(metrics, 13)).toEqual({ ...youngAt12, youngestMs: 13_000 });
});

test('a worker that does something after a rest is seen at once, and what changed of its service', () => {
  const metrics = atRest();
  metrics.figures(users, 12_000);
  expect(seen(metrics, 12, grown)).toMatchObject({ maxWorkers: 4 });
  expect(seen(metrics, 12, { ...grown, maxWorkers: 9 })).toMatchObject({ maxWorkers: 9 });
  say(metrics, [busy], 13);

  expect(metrics.figures(users, 13_000).busyPerWorker[0]).toBeCloseTo((9 * 0.4 + 80) / 10, 5);
  expect(seen(metrics, 13)?.busyPerWorker[0]).toBeCloseTo((0.4 + 80) / 2, 5);
});

test('a worker that is silent after a rest is taken to be blocked', () => {
  const metrics = atRest();
  expect(seen(metrics, 12, grown)?.busyPerWorker).toEqual([0.4]);

  expect(seen(metrics, 16, grown)?.busyPerWorker).toEqual([100]);
});

test('a worker that comes ends what held of its service', () => {
  const metrics = atRest();
  metrics.figures(users, 12_000);
  const [first] = users.workers;
  if (first === undefined) throw new Error('It has one worker');
  metrics.report('users#2', busy, 12_000);
  const both = { ...users, workers: [first, { ...first, id: 'users#2' }] };

  expect(metrics.figures(both, 12_000).busyPerWorker[0]).toBeCloseTo(80, 5);
});
