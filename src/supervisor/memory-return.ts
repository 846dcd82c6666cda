import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { megabytes, seconds } from '../protocol/units.ts';

const lookEveryMs = seconds(20);
/** Less is not worth a collection. */
const worth = megabytes(2);
/** Collections may take this part of the time: one takes 20 to 60 ms with twenty services. */
const mostShare = 0.001;

type Parts = {
  /** Resident, in bytes. */
  readonly resident: () => number;
  /** Collects all that can be, and gives the pages back. */
  readonly collect: () => Promise<void>;
  /** In ms. */
  readonly now: () => number;
  /** Time of the cores that this process has taken, in ms: threads collect as well. */
  readonly used: () => number;
};

/**
 * Gives memory back to the system when it has grown. Of itself V8 keeps the pages that a busy hour
 * took: in steps of some megabytes, a supervisor went from 75 MB to 97, and stayed there.
 */
export class MemoryReturn {
  readonly #parts: Parts;
  #least = 0;
  #nextAt = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async look(): Promise<void> {
    const { resident, collect, now, used } = this.#parts;
    if (now() < this.#nextAt || resident() < this.#least + worth) return;
    const usedBefore = used();
    await collect();
    this.#least = resident();
    this.#nextAt = now() + (used() - usedBefore) / mostShare;
  }
}

/** Where there is nothing to collect with, all stays as V8 has it. */
export const startMemoryReturn = (): void => {
  const gc = gcOf();
  if (gc === undefined) return;
  const memory = new MemoryReturn({
    resident: () => process.memoryUsage.rss(),
    collect: () => gc({ type: 'major', flavor: 'last-resort', execution: 'async' }),
    now: () => performance.now(),
    used: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    },
  });
  // Who has no descriptor left cannot find out how large it is, and is not to end of that.
  setInterval(() => memory.look().catch(() => undefined), lookEveryMs).unref();
};

/** As V8 has it; the types of Node know no more than the kind of a collection. */
type Collect = (options: {
  readonly type: 'major';
  readonly flavor: 'last-resort';
  readonly execution: 'async';
}) => Promise<void>;

/** A context that is made when the flag is set has it. */
const gcOf = (): Collect | undefined => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('globalThis.gc');
};
