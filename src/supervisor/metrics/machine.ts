import { freemem, hostname, loadavg, totalmem, uptime } from 'node:os';
import { mem } from 'systeminformation/lib/memory.js';
import { type Cpu, readCpu } from '../host/cpu.ts';
import { type CpuReading, loadBetween, readCpuLoad, throttledBetween } from '../host/cpu-load.ts';
import { readMemory } from '../host/memory.ts';

export type MachineFigures = {
  readonly name: string;
  readonly startedAt: string;
  /** Threads that ran or waited for a core, on average over the last minute. */
  readonly load: number;
  /** Those that the app may use, which a quota makes a fraction. */
  readonly cores: number;
  /** 0–100 of all cores; undefined until two readings exist: a first reading says nothing. */
  readonly cpu?: number;
  /** Part of the periods of its CPU quota in which that was used up, 0–1; undefined without one. */
  readonly throttled?: number;
  readonly memoryBytes: number;
  readonly memoryUsedBytes: number;
};

type MemoryFigures = Pick<MachineFigures, 'memoryBytes' | 'memoryUsedBytes'>;

/** A dozen files are read for each, and both change slowly. */
const limitsEveryMs = 5_000;

/**
 * This machine, or the part of it that the app's control group leaves it. CPU comes from the kernel's
 * own counters, as systeminformation's reading blocks for 9 ms.
 */
export class Machine {
  readonly #name = hostname();
  readonly #startedAt = new Date(Date.now() - uptime() * 1_000).toISOString();
  #cpu: Cpu = readCpu();
  #memory: MemoryFigures = memoryFigures(totalmem() - freemem(), totalmem());
  #limitsAt = Number.NEGATIVE_INFINITY;
  #before: CpuReading | undefined;
  #load = loadNow();
  #figures: MachineFigures = this.#with({ cores: this.#cpu.cores });

  get figures(): MachineFigures {
    return this.#figures;
  }

  async read(): Promise<MachineFigures> {
    await this.#readLimits(performance.now());
    const now = readCpuLoad(performance.now(), { cpu: this.#cpu });
    const lately = this.#before === undefined ? {} : readBetween(this.#before, now);
    this.#before = now;
    this.#figures = this.#with({ cores: now.cpu.cores, ...lately });
    return this.#figures;
  }

  #with(cpu: Pick<MachineFigures, 'cores' | 'cpu' | 'throttled'>): MachineFigures {
    const [name, startedAt, load] = [this.#name, this.#startedAt, this.#load];
    return { name, startedAt, load, ...cpu, ...this.#memory };
  }

  async #readLimits(at: number): Promise<void> {
    if (at - this.#limitsAt < limitsEveryMs) return;
    this.#limitsAt = at;
    this.#cpu = readCpu();
    const { active, total } = await mem();
    this.#memory = memoryFigures(active, total);
    this.#load = loadNow();
  }
}

const readBetween = (
  before: CpuReading,
  after: CpuReading,
): Pick<MachineFigures, 'cpu' | 'throttled'> => {
  const throttled = throttledBetween(before, after);
  return { cpu: loadBetween(before, after), ...(throttled !== undefined && { throttled }) };
};

const loadNow = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100;

/** Of the machine is given what is used and what there is; a control group's own limit goes first. */
const memoryFigures = (active: number, total: number): MemoryFigures => {
  const { limitBytes, bound, usedBytes } = readMemory();
  return bound === 'cgroup'
    ? { memoryBytes: limitBytes, memoryUsedBytes: usedBytes ?? active }
    : { memoryBytes: total, memoryUsedBytes: active };
};
