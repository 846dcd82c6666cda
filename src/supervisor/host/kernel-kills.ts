import { oomKills } from './memory.ts';

/**
 * Tells of each process that the kernel killed for want of memory once, so that two workers that
 * end together do not both claim one. The kernel counts for the group, which is where workers are.
 */
export class KernelKills {
  #told = oomKills();

  /** Whether there was one that nobody has claimed. */
  hasKilled(): boolean {
    if (oomKills() <= this.#told) return false;
    this.#told += 1;
    return true;
  }

  /** What was killed so far was no worker. */
  forget(): void {
    this.#told = oomKills();
  }
}
