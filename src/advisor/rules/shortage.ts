import type { Machine } from '../machine.ts';
import type { Situation } from '../situation.ts';

/** Less than this of a core left is as good as nothing: a worker more takes it from the others. */
export const worthACore = 0.25;
/** A process that waits for a core for such a part of the time is short of one. */
export const starved = 0.2;
/** So much of the extra time is wait for the loop: below the critical line, too, it is short. */
export const waitShare = 0.5;

export const isFull = ({ idleCores }: Pick<Machine, 'idleCores'>): boolean =>
  idleCores < worthACore;

/** Its event loops are short of time, and not something else that it waits for. */
export const isShortOfWorkers = ({ queue, thresholds, hot, slow, shares }: Situation): boolean =>
  hot || (slow && queue.busy >= thresholds.cpu.warning && shares.loopWait >= waitShare);

/** Its process does not get the core that it could use. */
export const isStarved = ({ slow, service }: Situation): boolean =>
  slow && service.starvation >= starved;
