import { describe, expect, test } from 'vitest';
import {
  loadBetween,
  readCpuLoad,
  throttledBetween,
} from '../../../src/supervisor/host/cpu-load.ts';
import { fakeHost, legacy, ticks, unified } from '../../helpers/fake-host.ts';

/** Each of four cores was busy for so many of 100 ticks. */
const busy = (...each: readonly number[]): { readonly 'proc/stat': string } => ({
  'proc/stat': ticks(each.map((share) => ({ busy: share, idle: 100 - share }))),
});

test('without limits the load is that of all cores', () => {
  using host = fakeHost(4, {});
  const before = readCpuLoad(0, { root: host.root });
  host.write(busy(100, 60, 0, 0));
  expect(loadBetween(before, readCpuLoad(1_000, { root: host.root }))).toBeCloseTo(40);
});

test('the cores of a cpuset alone count', () => {
  using host = fakeHost(4, unified('/', { 'cpuset.cpus.effective': '2-3\n' }));
  const before = readCpuLoad(0, { root: host.root });
  host.write(busy(100, 100, 50, 0));
  expect(loadBetween(before, readCpuLoad(1_000, { root: host.root }))).toBeCloseTo(25);
});

test('under a quota the load is what the group used of it', () => {
  using host = fakeHost(
    4,
    unified('/', { 'cpu.max': '200000 100000\n', 'cpu.stat': 'usage_usec 5000000\n' }),
  );
  const before = readCpuLoad(0, { root: host.root });
  host.write({ ...busy(50, 50, 0, 0), 'sys/fs/cgroup/cpu.stat': 'usage_usec 6500000\n' });
  expect(loadBetween(before, readCpuLoad(1_000, { root: host.root }))).toBeCloseTo(75);
});

test('a quota of version 1 is metered by cpuacct', () => {
  using host = fakeHost(
    4,
    legacy('/', {
      'cpu,cpuacct/cpu.cfs_quota_us': '100000\n',
      'cpu,cpuacct/cpu.cfs_period_us': '100000\n',
      'cpu,cpuacct/cpuacct.usage': '0\n',
    }),
  );
  const before = readCpuLoad(0, { root: host.root });
  host.write({ ...busy(20, 0, 0, 0), 'sys/fs/cgroup/cpu,cpuacct/cpuacct.usage': '200000000\n' });
  expect(loadBetween(before, readCpuLoad(1_000, { root: host.root }))).toBeCloseTo(20);
});

test('what neighbours leave idle bounds what a quota promises', () => {
  using host = fakeHost(
    4,
    unified('/', { 'cpu.max': '200000 100000\n', 'cpu.stat': 'usage_usec 0\n' }),
  );
  const before = readCpuLoad(0, { root: host.root });
  host.write({ ...busy(100, 100, 100, 50), 'sys/fs/cgroup/cpu.stat': 'usage_usec 200000\n' });
  expect(loadBetween(before, readCpuLoad(1_000, { root: host.root }))).toBeCloseTo(75);
});

describe('how often a quota was used up', () => {
  const counted = (periods: number, throttled: number): string =>
    `usage_usec 0\nnr_periods ${periods}\nnr_throttled ${throttled}\n`;

  test.each([
    [
      'of version 2',
      unified('/', { 'cpu.max': '150000 100000\n', 'cpu.stat': counted(100, 7) }),
      'sys/fs/cgroup/cpu.stat',
    ],
    [
      'of version 1',
      legacy('/', {
        'cpu,cpuacct/cpu.cfs_quota_us': '150000\n',
        'cpu,cpuacct/cpu.cfs_period_us': '100000\n',
        'cpu,cpuacct/cpu.stat': counted(100, 7),
      }),
      'sys/fs/cgroup/cpu,cpuacct/cpu.stat',
    ],
  ] as const)('%s is its part of the periods', (_version, files, stat) => {
    using host = fakeHost(4, files);
    const before = readCpuLoad(0, { root: host.root });
    expect(throttledBetween(before, before)).toBe(0);
    host.write({ [stat]: counted(110, 15) });
    expect(throttledBetween(before, readCpuLoad(1_000, { root: host.root }))).toBeCloseTo(0.8);
  });

  test('is not known without one', () => {
    using host = fakeHost(4, unified('/', { 'cpu.stat': counted(0, 0) }));
    const reading = readCpuLoad(0, { root: host.root });
    expect(throttledBetween(reading, reading)).toBeUndefined();
  });
});

test('two readings at the same moment say no load', () => {
  using host = fakeHost(2, {});
  const reading = readCpuLoad(0, { root: host.root });
  expect(loadBetween(reading, reading)).toBe(0);
});

test('this machine has a load from 0 to 100', () => {
  const before = readCpuLoad(performance.now());
  let sum = 0;
  for (let step = 0; step < 1e7; step += 1) sum += step;
  const load = loadBetween(before, readCpuLoad(performance.now()));
  expect(sum).toBeGreaterThan(0);
  expect(load).toBeGreaterThanOrEqual(0);
  expect(load).toBeLessThanOrEqual(100);
});
