import { type Rule, round } from './draft.ts';

/** So much of the extra time is the callee's: the case is the callee's as well. */
export const calleeShare = 0.4;

/**
 * A caller is not to blame for its callee, unless its own loop is full. Decides nothing about the
 * callee, which has a case of its own.
 */
export const delegate: Rule = ({ shares, hot, slow }) => {
  if (hot || !slow) return undefined;
  const [callee, share] =
    Object.entries(shares.downstream).toSorted(([, a], [, b]) => b - a)[0] ?? [];
  if (callee === undefined || share === undefined || share < calleeShare) return undefined;
  return {
    action: 'scale_up',
    because: `latency is that of its dependency ${callee} (${round(share * 100)} %)`,
  };
};
