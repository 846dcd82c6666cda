/** What the choice between two endpoints depends on. */
export type Load = {
  readonly pending: number;
  readonly latencyMs: number;
  readonly leaving: boolean;
  /** Another one was taken in its place. */
  readonly passedOver?: () => void;
};

/**
 * Power of two choices: of two candidates taken at random the less loaded one. It comes close to
 * the least loaded of all, and does not make every caller run to the same one.
 */
export const choose = <T extends Load>(
  candidates: readonly T[],
  random: () => number = Math.random,
): T | undefined => {
  if (candidates.some(isLeaving)) {
    const staying = candidates.filter((each) => !each.leaving);
    if (staying.length > 0) return choose(staying, random);
  }
  const { length } = candidates;
  const index = Math.floor(random() * length);
  const first = candidates[index];
  // Any of the others, each as likely.
  const second = candidates[(index + 1 + Math.floor(random() * (length - 1))) % length];
  if (first === undefined || second === undefined) return first;
  if (isBetter(second, first)) {
    first.passedOver?.();
    return second;
  }
  second.passedOver?.();
  return first;
};

const isLeaving = ({ leaving }: Load): boolean => leaving;

/** Pending decides; between equals who is clearly faster, so that chance does not seem to be speed. */
const isBetter = (one: Load, other: Load): boolean =>
  one.pending === other.pending ? one.latencyMs * 2 < other.latencyMs : one.pending < other.pending;
