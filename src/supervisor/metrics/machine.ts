import { hostname } from 'node:os';
import { mem } from 'systeminformation/lib/memory.js';
import { type CpuReading, loadBetween, readCpuLoad } from '../host/cpu-load.ts';
import { readMemory } from '../host/memory.ts';

export type MachineFigures = {
  readonly name: string;
  /** Those that the app may use, which a quota makes a fraction. */
  readonly cores: number;
  /** 0–100 of all cores; undefined until two readings exist: a first reading says nothing. */
  readonly cpu?: number;
  readonly memoryBytes: number;
  readonly memoryUsedBytes: number;
};

/**
 * This machine, or the part of it that the app's control group leaves it. CPU comes from the kernel's
 * own counters, as systeminformation's reading blocks for 9 ms.
 */
export class Machine {
  #before: CpuReading | undefined;
  #figures: MachineFigures = {
    name: hostname(),
    cores: readCpuLoad(performance.now()).cpu.cores,
    memoryBytes: 0,
    memoryUsedBytes: 0,
  };

  get figures(): MachineFigures {
    return this.#figures;
  }

  async read(): Promise<MachineFigures> {
    const now = readCpuLoad(performance.now());
    const cpu = this.#before === undefined ? undefined : loadBetween(this.#before, now);
    this.#before = now;
    this.#figures = {
      name: hostname(),
      cores: now.cpu.cores,
      ...(cpu === undefined ? {} : { cpu }),
      ...(await memoryFigures()),
    };
    return this.#figures;
  }
}

const memoryFigures = async (): Promise<
  Pick<MachineFigures, 'memoryBytes' | 'memoryUsedBytes'>
> => {
  const { limitBytes, bound, usedBytes } = readMemory();
  const { total, active } = await mem();
  return bound === 'cgroup'
    ? { memoryBytes: limitBytes, memoryUsedBytes: usedBytes ?? active }
    : { memoryBytes: total, memoryUsedBytes: active };
};
