/** What the choice between two endpoints depends on. */
export type Load = {
  readonly pending: number;
  readonly latencyMs: number;
  readonly leaving: boolean;
};

/**
 * Power of two choices: of two candidates taken at random the less loaded one. It comes close to
 * the least loaded of all, and does not make every caller run to the same one.
 */
export const choose = <T extends Load>(
  candidates: readonly T[],
  random: () => number = Math.random,
): T | undefined => {
  const staying = candidates.filter((each) => !each.leaving);
  const open = staying.length > 0 ? staying : candidates;
  const first = open[Math.floor(random() * open.length)];
  const others = open.filter((each) => each !== first);
  const second = others[Math.floor(random() * others.length)];
  if (first === undefined || second === undefined) return first;
  return cost(second) < cost(first) ? second : first;
};

/** Pending decides; between equals the faster one. */
const cost = ({ pending, latencyMs }: Load): number => pending + latencyMs / 1_000_000;
