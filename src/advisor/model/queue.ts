import { waitFactor } from './wait.ts';

/** A service and its workers as a queue: what the predictions need to know. */
export type Queue = {
  readonly workers: number;
  /** Cores that the requests need; may exceed `workers`. */
  readonly load: number;
  /** Time on a core that one request needs. */
  readonly demandMs: number;
  readonly arrivalsPerSecond: number;
  /** Latency without waiting for the event loop: mean and 99th percentile. */
  readonly intrinsicMeanMs: number;
  readonly intrinsicP99Ms: number;
  /** How many mean waits the 99th percentile waits. */
  readonly kappa: number;
  /** How much of that was seen with other queues, 0–1. */
  readonly known?: number;
  /** How unequal requests are in what they take of a worker: 1 when all are alike. */
  readonly scatter?: number;
  /** P99 was learned from so many. */
  readonly seconds?: number;
  readonly busy: number;
  readonly p99: number;
  readonly pending: number;
};

const priorKappa = 4;
/** It may be more or less by this part, until other queues were seen. */
export const kappaDoubt = 0.375;
/** Of an exponential distribution, which it is for. */
export const usualScatter = 2;
const priorWeight = 0.1;
/** What a P99 of some thousand requests is off by, and how far real tails lie around the prior. */
const noise = 0.05;
const priorSpread = 3;
/** From here on the queue never settles, and P99 tells how long it has grown, not its shape. */
export const settled = 0.9;

/**
 * The wait of the slowest percent in mean waits, learned from the P99 seen. With no queue to
 * learn from (g near 0), or one that is lost in the noise of P99, it is the prior, for slices that
 * are so uneven.
 */
export const learnKappa = (
  seen: Pick<Queue, 'workers' | 'load' | 'demandMs' | 'intrinsicP99Ms' | 'p99'>,
  unevenness = 1,
): number => {
  const prior = priorKappa * unevenness;
  if (seen.demandMs <= 0 || seen.load / seen.workers >= settled) return prior;
  const waits = Math.max(0, seen.p99 - seen.intrinsicP99Ms) / seen.demandMs;
  const g = waitFactor(seen.workers, seen.load);
  const doubt = (noise * seen.p99) / seen.demandMs / priorSpread;
  const weight = Math.max(priorWeight, doubt) ** 2;
  return (waits * g + prior * weight) / (g ** 2 + weight);
};

/**
 * P99 without the wait for the loop, as it was measured, or else what is left of P99 when the queue's
 * part is taken off by the prior, but no less than the slowest percent is known to take. It is never
 * less than the mean, nor more than a calm P99: a full loop is waited for more than once by a request
 * that comes back to it.
 */
export const intrinsicP99 = (seen: {
  readonly p99: number;
  readonly loopWaitMs: number;
  readonly intrinsicMeanMs: number;
  readonly calmP99?: number | undefined;
  /** Without the first wait for the loop. */
  readonly measured?: number | undefined;
  readonly laterWaitsMs?: number;
  readonly slowestMs?: number;
}): number => {
  const { p99, loopWaitMs, measured, calmP99, laterWaitsMs = 0, slowestMs = 0 } = seen;
  const withWaits = measured ?? p99;
  // A calm P99 tells better than the prior what the later waits of a measured one are.
  const laterMs = calmP99 === undefined ? laterWaitsMs : 0;
  const waitMs = measured === undefined ? loopWaitMs : laterMs;
  const without = Math.max(withWaits - priorKappa * waitMs, Math.min(withWaits, slowestMs));
  const withoutWait = Math.max(seen.intrinsicMeanMs, without);
  return Math.min(withoutWait, Math.max(calmP99 ?? withoutWait, seen.intrinsicMeanMs));
};
