import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Budget } from '../../protocol/allocation.ts';
import { type Cgroup, cgroupsOf, readText } from './cgroups.ts';

/** The cores that this process may use. */
export type Cpu = {
  /** At once; a fraction where a quota says so. */
  readonly cores: number;
  readonly bound: NonNullable<Budget['coresBound']>;
  /** The numbers of the cores it may run on. */
  readonly allowed: readonly number[];
  /** Where a quota holds: the one that has it, and counts how often it is used up. */
  readonly limited: Cgroup | undefined;
  /** The one that counts what is used of it. */
  readonly metered: Cgroup | undefined;
};

type Quota = { readonly cores: number; readonly level: number };

export const readCpu = (root = '/'): Cpu => {
  const machine = coresIn(readText(join(root, 'proc/stat')) ?? '');
  const allowed = allowedCores(root) ?? machine;
  const count = allowed.length || availableParallelism();
  const groups = cgroupsOf('cpu', root);
  const quota = lowestQuota(groups);
  if (quota !== undefined && quota.cores < count) {
    const limited = groups[quota.level];
    const metered = limited?.version === 2 ? groups : cgroupsOf('cpuacct', root);
    return { cores: quota.cores, bound: 'quota', allowed, limited, metered: metered[quota.level] };
  }
  const bound = count < machine.length ? 'cpuset' : 'machine';
  return { cores: count, bound, allowed, limited: undefined, metered: undefined };
};

/** What a group used of the CPU so far, in ms. */
export const usedMs = ({ version, directory }: Cgroup): number | undefined => {
  if (version === 1) return numberIn(readText(join(directory, 'cpuacct.usage')), 1e6);
  const usage = /^usage_usec (\d+)$/m.exec(readText(join(directory, 'cpu.stat')) ?? '');
  return numberIn(usage?.[1], 1e3);
};

/** How many periods of its quota there were while a group had work, and in how many it was used up. */
export type Periods = { readonly all: number; readonly throttled: number };

export const periodsOf = ({ directory }: Cgroup): Periods | undefined => {
  const stat = readText(join(directory, 'cpu.stat')) ?? '';
  const all = /^nr_periods (\d+)$/m.exec(stat)?.[1];
  const throttled = /^nr_throttled (\d+)$/m.exec(stat)?.[1];
  if (all === undefined || throttled === undefined) return undefined;
  return { all: Number(all), throttled: Number(throttled) };
};

const lowestQuota = (groups: readonly Cgroup[]): Quota | undefined =>
  groups
    .flatMap((group, level) => {
      const cores = quotaOf(group);
      return cores === undefined ? [] : [{ cores, level }];
    })
    .toSorted((a, b) => a.cores - b.cores)[0];

/** Version 2 says `max 100000` or `150000 100000`; version 1 has two files, and -1 for none. */
const quotaOf = ({ version, directory }: Cgroup): number | undefined => {
  const read = (name: string): string => readText(join(directory, name))?.trim() ?? '';
  const [quota, period] =
    version === 2
      ? read('cpu.max').split(' ').map(Number)
      : [read('cpu.cfs_quota_us'), read('cpu.cfs_period_us')].map(Number);
  const cores = (quota ?? Number.NaN) / (period ?? Number.NaN);
  return cores > 0 && Number.isFinite(cores) ? Math.round(cores * 100) / 100 : undefined;
};

/** Both what the kernel lets us run on, and what the group may: a fresh cpuset can be behind. */
const allowedCores = (root: string): readonly number[] | undefined => {
  const status = readText(join(root, 'proc/self/status')) ?? '';
  const affinity = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1];
  const [own] = cgroupsOf('cpuset', root);
  const name = own?.version === 1 ? 'cpuset.effective_cpus' : 'cpuset.cpus.effective';
  const set = own === undefined ? undefined : readText(join(own.directory, name))?.trim();
  const lists = [affinity, set].flatMap((list) => (list ? [parseCores(list)] : []));
  const [first, ...others] = lists;
  return first?.filter((core) => others.every((list) => list.includes(core)));
};

/** `0-3,8` */
const parseCores = (list: string): readonly number[] =>
  list.split(',').flatMap((range) => {
    const [from = Number.NaN, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 || 0 }, (_, index) => from + index);
  });

const coresIn = (stat: string): readonly number[] =>
  [...stat.matchAll(/^cpu(\d+) /gm)].map(([, core]) => Number(core));

const numberIn = (text: string | undefined, per: number): number | undefined => {
  const value = Number.parseInt(text ?? '', 10) / per;
  return Number.isFinite(value) ? value : undefined;
};
