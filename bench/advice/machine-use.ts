import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks since the machine's start. */
type Ticks = { readonly total: number; readonly busy: number; readonly own: number };

/** Who used the machine since the last look, each 0–100 of all cores. */
export type Use = { readonly all: number; readonly others: number };

/** Tells the CPU of this process and all that it started from that of other programs. */
export class MachineUse {
  #before = read();

  take(): Use {
    const now = read();
    const total = Math.max(1, now.total - this.#before.total);
    const busy = now.busy - this.#before.busy;
    const own = now.own - this.#before.own;
    this.#before = now;
    return { all: (100 * busy) / total, others: (100 * Math.max(0, busy - own)) / total };
  }
}

const read = (): Ticks => {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const ticks = first.split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, each) => sum + each, 0);
  return { total, busy: total - (ticks[3] ?? 0) - (ticks[4] ?? 0), own: ownTicks() };
};

type Process = { readonly pid: number; readonly parent: number; readonly ticks: number };

/** A child that has ended counts with its parent, which has waited for it. */
const ownTicks = (): number => {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(readProcess);
  const family = new Set([process.pid]);
  let size = 0;
  while (family.size > size) {
    size = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  return processes.reduce((sum, { pid, ticks }) => sum + (family.has(pid) ? ticks : 0), 0);
};

const readProcess = (pid: string): readonly Process[] => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name is in parentheses, and may hold anything; state and parent follow it.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
    return [{ pid: Number(pid), parent: fields[1] ?? 0, ticks }];
  } catch {
    // It ended while we looked.
    return [];
  }
};
