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

type MemoryFigures = Pick<MachineFigures, 'memoryBytes' | 'memoryUsedBytes'>;

/** A dozen files are read for it, and the memory of a whole machine changes slowly. */
const memoryEveryMs = 5_000;

/**
 * This machine, or the part of it that the app's control group leaves it. CPU comes from the kernel's
 * own counters, as systeminformation's reading blocks for 9 ms.
 */
export class Machine {
  readonly #name = hostname();
  #memory: { readonly at: number; readonly figures: MemoryFigures } | undefined;
  #before: CpuReading | undefined;
  #figures: MachineFigures = {
    name: this.#name,
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
      name: this.#name,
      cores: now.cpu.cores,
      ...(cpu === undefined ? {} : { cpu }),
      ...(await this.#readMemory(now.atMs)),
    };
    return this.#figures;
  }

  async #readMemory(at: number): Promise<MemoryFigures> {
    if (this.#memory === undefined || at - this.#memory.at >= memoryEveryMs) {
      this.#memory = { at, figures: await memoryFigures() };
    }
    return this.#memory.figures;
  }
}

const memoryFigures = async (): Promise<MemoryFigures> => {
  const { limitBytes, bound, usedBytes } = readMemory();
  const { total, active } = await mem();
  return bound === 'cgroup'
    ? { memoryBytes: limitBytes, memoryUsedBytes: usedBytes ?? active }
    : { memoryBytes: total, memoryUsedBytes: active };
};
