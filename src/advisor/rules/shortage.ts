import { type Situation, sharesOf } from '../situation.ts';

/** So much of the extra time is wait for the loop: below the critical line, too, it is short. */
export const waitShare = 0.5;

/** No core is idle, and its process waits for one. */
export const isFull = ({ history }: Situation): boolean => history.fullAt !== undefined;

/** Its event loops are short of time, and not something else that it waits for. */
export const isShortOfWorkers = (situation: Situation): boolean => {
  const { queue, thresholds, hot, slow } = situation;
  if (hot) return true;
  if (!slow || queue.busy < thresholds.cpu.warning) return false;
  return sharesOf(situation).loopWait >= waitShare;
};

/** More of this machine would help it, and there is no more. */
export const isShortOfMachine = (situation: Situation): boolean =>
  isFull(situation) && (situation.slow || isShortOfWorkers(situation));
