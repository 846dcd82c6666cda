import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { Budget } from '../../protocol/allocation.ts';
import { type Bytes, bytes } from '../../protocol/units.ts';
import { type Cgroup, cgroupsOf, readText } from './cgroups.ts';

/** The memory that this process and all that it starts may use together. */
export type Memory = {
  readonly limitBytes: Bytes;
  readonly bound: NonNullable<Budget['memoryBound']>;
  /** What is used of it, without the file cache that the kernel can take back; of a group only. */
  readonly usedBytes: Bytes | undefined;
};

export const readMemory = (root = '/'): Memory => {
  const machine = bytes(machineTotal(root) ?? totalmem());
  const lowest = cgroupsOf('memory', root)
    .flatMap((group) => {
      const limit = limitOf(group);
      return limit === undefined ? [] : [{ group, limit }];
    })
    .toSorted((a, b) => a.limit - b.limit)[0];
  return lowest === undefined || lowest.limit >= machine
    ? { limitBytes: machine, bound: 'machine', usedBytes: undefined }
    : { limitBytes: lowest.limit, bound: 'cgroup', usedBytes: usedBy(lowest.group) };
};

/** How many processes the kernel killed for want of memory in this process's own group. */
export const oomKills = (root = '/'): number => {
  const [own] = cgroupsOf('memory', root);
  if (own === undefined) return 0;
  const name = own.version === 2 ? 'memory.events' : 'memory.oom_control';
  return field(readText(join(own.directory, name)), 'oom_kill') ?? 0;
};

/** Version 2 says `max` for none; version 1 a number beyond any machine. */
const limitOf = ({ version, directory }: Cgroup): Bytes | undefined => {
  const name = version === 2 ? 'memory.max' : 'memory.limit_in_bytes';
  const limit = Number.parseInt(readText(join(directory, name)) ?? '', 10);
  return Number.isFinite(limit) ? bytes(limit) : undefined;
};

const usedBy = ({ version, directory }: Cgroup): Bytes | undefined => {
  const [current, cache] =
    version === 2
      ? (['memory.current', 'inactive_file'] as const)
      : (['memory.usage_in_bytes', 'total_inactive_file'] as const);
  const used = Number.parseInt(readText(join(directory, current)) ?? '', 10);
  const idle = field(readText(join(directory, 'memory.stat')), cache) ?? 0;
  return Number.isFinite(used) ? bytes(Math.max(0, used - idle)) : undefined;
};

const machineTotal = (root: string): number | undefined => {
  const total = /^MemTotal:\s+(\d+) kB$/m.exec(readText(join(root, 'proc/meminfo')) ?? '');
  return total === null ? undefined : Number(total[1]) * 1024;
};

/** A line `name 123` of a file of such lines. */
const field = (text: string | undefined, name: string): number | undefined => {
  const line = text?.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
};
