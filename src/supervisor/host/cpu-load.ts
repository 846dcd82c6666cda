import { join } from 'node:path';
import { type Percent, percent } from '../../protocol/units.ts';
import { readText } from './cgroups.ts';
import { type Cpu, type Periods, periodsOf, readCpu, usedMs } from './cpu.ts';

/** Counters at one moment; the difference of two of them is a load. */
export type CpuReading = {
  readonly atMs: number;
  readonly cpu: Cpu;
  /** Of the allowed cores, in ticks. */
  readonly idle: number;
  readonly total: number;
  /** What the group with the quota used, in ms. */
  readonly usedMs: number | undefined;
  /** Of its quota. */
  readonly periods: Periods | undefined;
};

type Reading = { readonly root?: string; readonly cpu?: Cpu };

/** Of a CPU that was read before, its counters alone: its limits take a dozen files. */
export const readCpuLoad = (
  atMs: number,
  { root = '/', cpu = readCpu(root) }: Reading = {},
): CpuReading => {
  const used = cpu.metered === undefined ? undefined : usedMs(cpu.metered);
  const periods = cpu.limited === undefined ? undefined : periodsOf(cpu.limited);
  return { atMs, cpu, ...ticksOf(cpu.allowed, root), usedMs: used, periods };
};

/**
 * 0–100 of the cores that this process may use. Under a quota the rest of it may be promised and
 * yet not there, because neighbours keep the machine busy: the smaller of the two is what is idle.
 */
export const loadBetween = (before: CpuReading, after: CpuReading): Percent => {
  const { cores, allowed } = after.cpu;
  const ticks = after.total - before.total;
  const machineIdle = ticks > 0 ? ((after.idle - before.idle) / ticks) * allowed.length : cores;
  const elapsedMs = after.atMs - before.atMs;
  const used =
    after.usedMs === undefined || before.usedMs === undefined || elapsedMs <= 0
      ? 0
      : (after.usedMs - before.usedMs) / elapsedMs;
  const idle = Math.min(machineIdle, cores - used);
  return percent(Math.max(0, Math.min(100, (1 - idle / cores) * 100)));
};

/**
 * Part of the periods of its quota in which that was used up, 0–1: bursts are held back by a quota
 * of which much is left on average. Undefined without one, or when another group's holds by now.
 */
export const throttledBetween = (before: CpuReading, after: CpuReading): number | undefined => {
  if (before.periods === undefined || after.periods === undefined) return undefined;
  if (before.cpu.limited?.directory !== after.cpu.limited?.directory) return undefined;
  const all = after.periods.all - before.periods.all;
  return all > 0 ? (after.periods.throttled - before.periods.throttled) / all : 0;
};

/** Lines of /proc/stat: `cpu3 user nice system idle iowait irq softirq steal …`. */
const ticksOf = (
  allowed: readonly number[],
  root: string,
): { readonly idle: number; readonly total: number } => {
  let idle = 0;
  let total = 0;
  const stat = readText(join(root, 'proc/stat')) ?? '';
  for (const [, core, text = ''] of stat.matchAll(/^cpu(\d+) (.*)$/gm)) {
    if (!allowed.includes(Number(core))) continue;
    const counters = text.split(' ').slice(0, 8).map(Number);
    idle += (counters[3] ?? 0) + (counters[4] ?? 0);
    total += counters.reduce((sum, each) => sum + each, 0);
  }
  return { idle, total };
};
