import { readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import si from 'systeminformation';

export type MachineFigures = {
  readonly name: string;
  readonly cores: number;
  /** 0–100 of all cores; undefined until two readings exist: a first reading says nothing. */
  readonly cpu?: number;
  readonly memoryBytes: number;
  readonly memoryUsedBytes: number;
};

type Ticks = { readonly busy: number; readonly total: number };

/** This machine. CPU comes from /proc/stat, as systeminformation's own reading blocks for 9 ms. */
export class Machine {
  #before: Ticks | undefined;
  #figures: MachineFigures = {
    name: hostname(),
    cores: availableParallelism(),
    memoryBytes: 0,
    memoryUsedBytes: 0,
  };

  get figures(): MachineFigures {
    return this.#figures;
  }

  async read(): Promise<MachineFigures> {
    const now = readTicks();
    const { total, active } = await si.mem();
    const cpu = this.#before === undefined ? undefined : shareBetween(this.#before, now);
    this.#before = now;
    this.#figures = {
      name: hostname(),
      cores: availableParallelism(),
      ...(cpu === undefined ? {} : { cpu }),
      memoryBytes: total,
      memoryUsedBytes: active,
    };
    return this.#figures;
  }
}

const shareBetween = (before: Ticks, now: Ticks): number =>
  now.total === before.total
    ? 0
    : Math.min(100, ((now.busy - before.busy) / (now.total - before.total)) * 100);

/** First line of /proc/stat: user nice system idle iowait irq softirq steal. */
const readTicks = (): Ticks => {
  const line = readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '';
  const ticks = line.split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, each) => sum + each, 0);
  return { total, busy: total - (ticks[3] ?? 0) - (ticks[4] ?? 0) };
};
