import type { Strategy } from '../../../protocol/topology.ts';
import { choose, type Load } from './choose.ts';
import { hash } from './hash.ts';

export type Candidate = Load & {
  /** Stays the same when the worker behind it is replaced. */
  readonly name: string;
  /** It answers, but badly of late. */
  readonly isAside: boolean;
};

export type Choice = {
  readonly strategy: Strategy;
  /** Calls with the same key go to the same candidate. */
  readonly key?: string | undefined;
  /** Of this process: it keeps to one candidate where the strategy is `sticky`. */
  readonly self: string;
  /** How many were chosen before. */
  readonly turn: number;
};

export const pickBy = <T extends Candidate>(
  candidates: readonly T[],
  { strategy, key, self, turn }: Choice,
): T | undefined => {
  if (candidates.length === 1) return candidates[0];
  const open = withoutOutliers(candidates);
  if (key !== undefined) return byKey(open, key);
  switch (strategy) {
    case 'p2c':
      return choose(open);
    case 'round-robin':
      return staying(open)[turn % staying(open).length];
    case 'least-pending':
      return leastPending(staying(open), turn);
    case 'sticky':
      return byKey(open, self);
  }
};

/** Never more than half are put aside: if nearly all fail, the fault is elsewhere. */
const withoutOutliers = <T extends Candidate>(candidates: readonly T[]): readonly T[] => {
  if (!candidates.some(({ isAside }) => isAside)) return candidates;
  let left = Math.floor(candidates.length / 2);
  return candidates.filter(({ isAside }) => {
    if (!isAside || left === 0) return true;
    left -= 1;
    return false;
  });
};

const staying = <T extends Candidate>(candidates: readonly T[]): readonly T[] => {
  const list = candidates.filter(({ leaving }) => !leaving);
  return list.length > 0 ? list : candidates;
};

/** Between equals the next one in turn. */
const leastPending = <T extends Candidate>(
  candidates: readonly T[],
  turn: number,
): T | undefined => {
  const from = turn % candidates.length;
  const [first, ...others] = [...candidates.slice(from), ...candidates.slice(0, from)];
  return others.reduce(
    (best, each) => (best !== undefined && best.pending <= each.pending ? best : each),
    first,
  );
};

/**
 * Each candidate has a number for each key, and the highest wins: when one comes or goes, only the
 * keys that it wins or has won change their place.
 */
const byKey = <T extends Candidate>(candidates: readonly T[], key: string): T | undefined => {
  let best: T | undefined;
  let highest = -1;
  for (const each of staying(candidates)) {
    const number = hash(`${key}\0${each.name}`);
    if (number <= highest) continue;
    highest = number;
    best = each;
  }
  return best;
};
