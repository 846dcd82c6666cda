import { join } from 'node:path';
import { type Percent, percent } from '../../protocol/units.ts';
import { readText } from './cgroups.ts';
import { type Cpu, readCpu, usedMs } from './cpu.ts';

/** Counters at one moment; the difference of two of them is a load. */
export type CpuReading = {
  readonly atMs: number;
  readonly cpu: Cpu;
  /** Of the allowed cores, in ticks. */
  readonly idle: number;
  readonly total: number;
  /** What the group with the quota used, in ms. */
  readonly usedMs: number | undefined;
};

export const readCpuLoad = (atMs: number, root = '/'): CpuReading => {
  const cpu = readCpu(root);
  const used = cpu.metered === undefined ? undefined : usedMs(cpu.metered);
  return { atMs, cpu, ...ticksOf(cpu.allowed, root), usedMs: used };
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

/** Lines of /proc/stat: `cpu3 user nice system idle iowait irq softirq steal …`. */
const ticksOf = (
  allowed: readonly number[],
  root: string,
): { readonly idle: number; readonly total: number } => {
  const lines = (readText(join(root, 'proc/stat')) ?? '').split('\n');
  const ticks = lines.flatMap((line) => {
    const [name = '', ...counters] = line.split(/\s+/);
    const core = /^cpu(\d+)$/.exec(name)?.[1];
    return core !== undefined && allowed.includes(Number(core)) ? [counters.slice(0, 8)] : [];
  });
  const sum = (values: readonly string[]): number =>
    values.reduce((total, value) => total + Number(value), 0);
  return {
    idle: sum(ticks.flatMap((counters) => counters.slice(3, 5))),
    total: sum(ticks.flat()),
  };
};
