import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { megabytes } from '../../../src/protocol/units.ts';
import { readBudget } from '../../../src/supervisor/host/budget.ts';
import { cgroupsOf } from '../../../src/supervisor/host/cgroups.ts';
import { oomKills, readMemory } from '../../../src/supervisor/host/memory.ts';
import { fakeHost, legacy, unified } from '../../helpers/fake-host.ts';

const whole = { memoryBytes: megabytes(8192), memoryBound: 'machine' } as const;

test.each([
  ['no control group at all', {}, { cores: 4, coresBound: 'machine', ...whole }],
  [
    'a quota of version 2',
    unified('/', { 'cpu.max': '150000 100000\n', 'memory.max': 'max\n' }),
    { cores: 1.5, coresBound: 'quota', ...whole },
  ],
  [
    'a quota of version 2 on a group above',
    unified('/system.slice/shop.service', {
      'system.slice/cpu.max': '200000 100000\n',
      'system.slice/shop.service/cpu.max': 'max 100000\n',
      'system.slice/shop.service/memory.max': `${512 * 2 ** 20}\n`,
    }),
    { cores: 2, coresBound: 'quota', memoryBytes: megabytes(512), memoryBound: 'cgroup' },
  ],
  [
    'a quota beyond the machine',
    unified('/', { 'cpu.max': '800000 100000\n' }),
    { cores: 4, coresBound: 'machine', ...whole },
  ],
  [
    'a cpuset of version 2',
    unified('/', { 'cpuset.cpus.effective': '1,3\n' }),
    { cores: 2, coresBound: 'cpuset', ...whole },
  ],
  [
    'limits of version 1',
    legacy('/shop', {
      'cpu,cpuacct/shop/cpu.cfs_quota_us': '250000\n',
      'cpu,cpuacct/shop/cpu.cfs_period_us': '100000\n',
      'memory/shop/memory.limit_in_bytes': `${2 ** 30}\n`,
    }),
    { cores: 2.5, coresBound: 'quota', memoryBytes: megabytes(1024), memoryBound: 'cgroup' },
  ],
  [
    'no limits of version 1',
    legacy('/shop', {
      'cpu,cpuacct/shop/cpu.cfs_quota_us': '-1\n',
      'cpu,cpuacct/shop/cpu.cfs_period_us': '100000\n',
      'cpuset/shop/cpuset.effective_cpus': '0-3\n',
      'memory/shop/memory.limit_in_bytes': '9223372036854771712\n',
    }),
    { cores: 4, coresBound: 'machine', ...whole },
  ],
  [
    'a container that sees the path of its host',
    legacy('/docker/4f5e', {
      'cpu,cpuacct/cpu.cfs_quota_us': '50000\n',
      'cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    }),
    { cores: 0.5, coresBound: 'quota', ...whole },
  ],
  [
    'a group outside of what is mounted',
    unified('/../other', { 'cpu.max': '100000 100000\n' }),
    { cores: 1, coresBound: 'quota', ...whole },
  ],
] as const)('the budget under %s', (_name, files, budget) => {
  using host = fakeHost(4, files);
  expect(readBudget(host.root)).toEqual(budget);
});

test('the affinity of the process counts like a cpuset', () => {
  using host = fakeHost(4, { 'proc/self/status': 'Cpus_allowed_list:\t2\n' });
  expect(readBudget(host.root)).toMatchObject({ cores: 1, coresBound: 'cpuset' });
});

test('used memory leaves out the file cache that the kernel can take back', () => {
  using host = fakeHost(
    4,
    unified('/', {
      'memory.max': '1000000\n',
      'memory.current': '600000\n',
      'memory.stat': 'anon 1\ninactive_file 250000\n',
    }),
  );
  expect(readMemory(host.root).usedBytes).toBe(350_000);
});

test('used memory of version 1 counts the groups below as well', () => {
  using host = fakeHost(
    4,
    legacy('/a', {
      'memory/a/memory.limit_in_bytes': '1000000\n',
      'memory/a/memory.usage_in_bytes': '900000\n',
      'memory/a/memory.stat': 'inactive_file 1\ntotal_inactive_file 100000\n',
    }),
  );
  expect(readMemory(host.root).usedBytes).toBe(800_000);
});

test('kills of the kernel are counted in both versions', () => {
  using two = fakeHost(4, unified('/', { 'memory.events': 'oom 4\noom_kill 3\n' }));
  using one = fakeHost(
    4,
    legacy('/', { 'memory/memory.oom_control': 'under_oom 0\noom_kill 2\n' }),
  );
  using none = fakeHost(4, {});
  expect([two, one, none].map(({ root }) => oomKills(root))).toEqual([3, 2, 0]);
});

test('this machine has cores and memory, and its groups are folders', () => {
  const budget = readBudget();
  expect(budget.cores).toBeGreaterThan(0);
  expect(budget.memoryBytes).toBeGreaterThan(megabytes(64));
  for (const { directory } of cgroupsOf('memory')) expect(existsSync(directory)).toBe(true);
});
