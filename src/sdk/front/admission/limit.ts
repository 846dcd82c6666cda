/** How much of a service may be under way at once, and what that follows from. */
export type Limit = {
  /** A fraction is kept for the next step. */
  readonly most: number;
  /** Kind of call → how long it takes when nothing waits, in ms. */
  readonly usual: ReadonlyMap<string, number>;
};

/** What was answered in one period. */
export type Period = {
  /** Kind of call → how long each took, in ms. */
  readonly tookMs: ReadonlyMap<string, readonly number[]>;
  /** The most that was under way at once. */
  readonly peak: number;
};

export const firstLimit: Limit = { most: 20, usual: new Map() };

const greatest = 1_000;
/** Below this the clock and the turn of the loop are all that is measured. */
const shortestMs = 1;

/**
 * The limit after one period. It falls as much as calls take longer than the tolerated multiple of
 * what is usual; while they do not, and somebody makes use of it, it rises: fast when they are far
 * from it, step by step when they are near.
 */
export const nextLimit = (limit: Limit, period: Period, tolerance: number): Limit => {
  const usual = new Map(limit.usual);
  let slowness = 0;
  let answered = 0;
  for (const [kind, all] of period.tookMs) {
    const mean = all.reduce((sum, each) => sum + each, 0) / all.length;
    const known = usualOf({ known: usual.get(kind), mean, lowest: lowest(all) }, limit, period);
    usual.set(kind, known);
    slowness += (mean / Math.max(known, shortestMs)) * all.length;
    answered += all.length;
  }
  const isUsed = period.peak >= Math.floor(limit.most);
  return { usual, most: step(limit.most, { slowness: slowness / answered, tolerance, isUsed }) };
};

type Seen = { readonly known: number | undefined; readonly mean: number; readonly lowest: number };

/**
 * What is usual falls at once and rises slowly, and only while the limit holds nobody back: under
 * load everything is slow, and would be called usual in the end. A limit of one is no load.
 */
const usualOf = ({ known, mean, lowest }: Seen, { most }: Limit, { peak }: Period): number => {
  if (known === undefined) return lowest;
  const isAlone = most < 2 && peak <= 1;
  const drift = isAlone ? 0.2 : peak < Math.floor(most) ? 0.01 : 0;
  return Math.min(known + Math.max(0, mean - known) * drift, Math.max(lowest, 0));
};

/** The quickest fifth: one lucky call is not what is usual. */
const lowest = (all: readonly number[]): number => {
  const sorted = all.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 5)] ?? 0;
};

type Step = { readonly slowness: number; readonly tolerance: number; readonly isUsed: boolean };

const step = (most: number, { slowness, tolerance, isUsed }: Step): number => {
  if (slowness > tolerance) return Math.max(1, most * Math.max(0.5, tolerance / slowness));
  if (!isUsed) return most;
  const isFar = slowness < (1 + tolerance) / 2;
  return Math.min(greatest, isFar ? most * 1.2 + 0.5 : most + 0.5);
};
