import { starved } from '../history/window.ts';
import { hasWaited, roomForOne, roomToSpare } from '../signals/full.ts';
import { type Situation, sharesOf } from '../situation.ts';

/** So much of the extra time is wait for the loop: below the critical line, too, it is short. */
export const waitShare = 0.5;
/** So much of the time a process waits for a core that is there. */
export const heldBackShare = 0.25;
/** A quota is used up in so many of its periods that bursts are held back by it. */
export const throttledShare = 0.25;

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

/** Its process waits, and a quota of which much may be left on average is used up meanwhile. */
export const isThrottled = ({ machine, starvation }: Situation): boolean =>
  machine.throttled >= throttledShare && starvation >= starved;

/**
 * A quota is seen to be used up, or its process waits for a core while there is a whole one, for as
 * long as it takes to tell that from a moment in which all wanted to run.
 */
export const isHeldBack = (situation: Situation): boolean => {
  if (isThrottled(situation)) return true;
  const { machine, starvation, history } = situation;
  const room = Math.max(roomForOne, roomToSpare(machine));
  if (isFull(situation) || machine.idleCores < room) return false;
  return starvation >= heldBackShare && hasWaited(history.points);
};
