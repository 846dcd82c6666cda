import { meanMs, trusted } from '../history/calm.ts';
import type { ServiceMemory } from '../memory/memory.ts';
import { areUnanswered, type Situation, sharesOf } from '../situation.ts';

/** What the calls of one callee have in the extra time of a request, and why. */
export type Calls = {
  readonly callee: string;
  /** Parts of the extra time, 0–1: the callee takes longer; more calls; and what neither explains. */
  readonly slower: number;
  readonly more: number;
  readonly between: number;
  /** How many a request makes, where that is counted. */
  readonly perRequest: number | undefined;
  readonly usuallyPerRequest: number | undefined;
  /** What its caller waits for one of them. */
  readonly waitMs: number;
  readonly usualWaitMs: number | undefined;
  /** What the callee itself takes for a request; undefined of one that is elsewhere. */
  readonly takesMs: number | undefined;
  /** The callee is slow, or full, by its own measure. */
  readonly isInTrouble: boolean;
};

type Part = 'slower' | 'more' | 'between';
const parts: readonly Part[] = ['slower', 'more', 'between'];

export const shareOf = (one: Calls, of: readonly Part[] = parts): number =>
  of.reduce((sum, part) => sum + one[part], 0);

export const totalOf = (calls: readonly Calls[], of?: readonly Part[]): number =>
  calls.reduce((sum, one) => sum + shareOf(one, of), 0);

/** Of all callees, the one with most of the extra time first. */
export const callsOf = (situation: Situation): readonly Calls[] =>
  Object.entries(sharesOf(situation).downstream)
    .map(([callee, share]) => divided(callee, share, situation))
    .toSorted((a, b) => shareOf(b) - shareOf(a));

/**
 * A wait is so many calls, each of so long: what came on top of the usual is divided between the two
 * evenly where both have grown. Of the time that each takes longer the callee answers for what it
 * takes longer itself; for all of it when it is in trouble, as it may answer others at once, or is
 * elsewhere, where nobody looks.
 */
const divided = (callee: string, share: number, situation: Situation): Calls => {
  const { services, known } = situation;
  const its = services.has(callee) ? known[callee] : undefined;
  const { count, waitMs, usualCount, usualWaitMs } = edgeTo(callee, situation);
  const takesMs = its === undefined ? undefined : meanMs(its.split);
  const longerMs = its === undefined ? waitMs : excessMs(its);
  const isInTrouble = its !== undefined && isTroubled(its);
  // A first call of it is taken for what the callee usually takes.
  const before = usualWaitMs ?? Math.max(0, Math.min(waitMs, takesMs ?? waitMs) - longerMs);
  const isKnown = usualCount !== undefined;
  const grownMs = Math.max(0, waitMs - before);
  const moreMs = isKnown
    ? (Math.max(0, count - usualCount) * (waitMs + before)) / 2
    : count * before;
  const perRequest = situation.history.split.calls?.[callee];
  const usuallyPerRequest = trusted(situation.history.calm)?.split.calls?.[callee];
  const seen = { callee, perRequest, usuallyPerRequest, waitMs, usualWaitMs, takesMs, isInTrouble };
  // How long they take is not known yet.
  if (areUnanswered(situation)) return { ...seen, slower: share, more: 0, between: 0 };
  const eachMs = its === undefined || isInTrouble ? grownMs : Math.min(grownMs, longerMs);
  const times = isKnown ? (count + usualCount) / 2 : count;
  const scale = share / Math.max(1e-9, moreMs + grownMs * times);
  return {
    ...seen,
    slower: eachMs * times * scale,
    more: moreMs * scale,
    between: (grownMs - eachMs) * times * scale,
  };
};

type Edge = {
  readonly count: number;
  readonly waitMs: number;
  /** Undefined without a baseline, or when it was not called before. */
  readonly usualCount?: number;
  readonly usualWaitMs?: number;
};

/** Where calls are not counted, all of a request are taken for one. */
const edgeTo = (callee: string, { history: { split, calm } }: Situation): Edge => {
  const usual = trusted(calm)?.split;
  const isCounted = split.calls !== undefined && (usual === undefined || usual.calls !== undefined);
  const countIn = ({ calls, downstreamMs }: ServiceMemory['split']): number =>
    isCounted ? (calls?.[callee] ?? 0) : Number(downstreamMs[callee] !== undefined);
  const count = countIn(split) || 1;
  const waitMs = (split.downstreamMs[callee] ?? 0) / count;
  const usualCount = usual === undefined ? 0 : countIn(usual);
  if (usual === undefined || usualCount < fewestCalls) return { count, waitMs };
  return { count, waitMs, usualCount, usualWaitMs: (usual.downstreamMs[callee] ?? 0) / usualCount };
};

/** Fewer a request say nothing of how long one takes. */
const fewestCalls = 0.001;

/** By how much one of its own requests takes longer than usual; without a baseline, all of it. */
const excessMs = ({ split, calm }: ServiceMemory): number => {
  const usual = trusted(calm);
  return Math.max(0, meanMs(split) - (usual === undefined ? 0 : meanMs(usual.split)));
};

const isTroubled = ({ held }: ServiceMemory): boolean =>
  held.cpu !== undefined || held.latencyP99Ms !== undefined || held.pending !== undefined;
