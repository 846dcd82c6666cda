import { sharesOf } from '../situation.ts';
import { type Rule, round } from './draft.ts';

/** So much of the extra time is the callee's: the case is the callee's as well. */
export const calleeShare = 0.4;

/**
 * A caller is not to blame for its callee, unless its own loop is full. Decides nothing about the
 * callee, which has a case of its own.
 */
export const delegate: Rule = (situation) => {
  if (situation.hot || !situation.slow) return undefined;
  const [callee, share] =
    Object.entries(sharesOf(situation).downstream).toSorted(([, a], [, b]) => b - a)[0] ?? [];
  if (callee === undefined || share === undefined || share < calleeShare) return undefined;
  return {
    action: 'scale_up',
    because: `latency is that of its dependency ${callee} (${round(share * 100)} %)`,
  };
};
