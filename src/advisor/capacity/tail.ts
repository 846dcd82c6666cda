import { waitFactor } from '../model/erlang.ts';

/**
 * Sums for a line through the seconds seen: P99 over the mean wait of a queue with that load. Old
 * seconds count less and less.
 */
export type Tail = {
  readonly seconds: number;
  readonly waitMs: number;
  readonly waitMs2: number;
  readonly p99: number;
  readonly waitP99: number;
};

export type Seen = {
  readonly workers: number;
  readonly load: number;
  readonly demandMs: number;
  readonly p99: number;
};

const empty: Tail = { seconds: 0, waitMs: 0, waitMs2: 0, p99: 0, waitP99: 0 };
/** A second counts half as much after four minutes. */
const forgetting = 0.997;
/** From here on a queue does not settle, and its P99 tells how long it has grown. */
const settled = 0.93;
/** The slowest percent waits four times as long as the mean, until better is known: */
const priorKappa = 4;
/** as if it had been seen for so many seconds with a wait of one request's time. */
const priorSeconds = 20;

/** Adds one second, if its queue was a settled one. */
export const learnTail = (tail: Tail = empty, seen: Seen): Tail => {
  const { workers, load, demandMs, p99 } = seen;
  if (p99 <= 0 || load / workers >= settled) return tail;
  const waitMs = demandMs * waitFactor(workers, load);
  const add = (old: number, fresh: number): number => old * forgetting + fresh;
  return {
    seconds: add(tail.seconds, 1),
    waitMs: add(tail.waitMs, waitMs),
    waitMs2: add(tail.waitMs2, waitMs * waitMs),
    p99: add(tail.p99, p99),
    waitP99: add(tail.waitP99, waitMs * p99),
  };
};

/** P99 without a wait, and how many mean waits the slowest percent waits: the line's two numbers. */
export const lineOf = (
  tail: Tail,
  demandMs: number,
): { readonly intrinsicP99Ms: number; readonly kappa: number } | undefined => {
  if (tail.seconds < 5) return undefined;
  const meanWait = tail.waitMs / tail.seconds;
  const meanP99 = tail.p99 / tail.seconds;
  const weight = priorSeconds * demandMs * demandMs;
  const spread = tail.waitMs2 - tail.waitMs * meanWait;
  const together = tail.waitP99 - tail.waitMs * meanP99;
  const kappa = Math.max(0, (together + priorKappa * weight) / (spread + weight));
  return { intrinsicP99Ms: Math.max(0, meanP99 - kappa * meanWait), kappa };
};
