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
  readonly busy: number;
  readonly p99: number;
  readonly pending: number;
};

const priorKappa = 4;
const priorWeight = 0.1;
/** From here on the queue never settles, and P99 tells how long it has grown, not its shape. */
const settled = 0.9;

/**
 * The wait of the slowest percent in mean waits, learned from the P99 seen. With no queue to
 * learn from (g near 0) it is the prior.
 */
export const learnKappa = (
  seen: Pick<Queue, 'workers' | 'load' | 'demandMs' | 'intrinsicP99Ms' | 'p99'>,
): number => {
  if (seen.demandMs <= 0 || seen.load / seen.workers >= settled) return priorKappa;
  const waits = Math.max(0, seen.p99 - seen.intrinsicP99Ms) / seen.demandMs;
  const g = waitFactor(seen.workers, seen.load);
  const weight = priorWeight ** 2;
  return (waits * g + priorKappa * weight) / (g ** 2 + weight);
};

/**
 * P99 without the wait for the loop. A calm P99 is the best witness; without one the queue's
 * part is taken off by the prior, and it is never less than the mean.
 */
export const intrinsicP99 = (seen: {
  readonly p99: number;
  readonly loopWaitMs: number;
  readonly intrinsicMeanMs: number;
  readonly calmP99?: number;
}): number => {
  const withoutWait = Math.max(seen.intrinsicMeanMs, seen.p99 - priorKappa * seen.loopWaitMs);
  return Math.min(withoutWait, Math.max(seen.calmP99 ?? withoutWait, seen.intrinsicMeanMs));
};
