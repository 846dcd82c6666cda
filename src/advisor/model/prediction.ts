import type { Interval, Prediction } from '../../protocol/advice.ts';
import type { Queue } from './queue.ts';
import { waitFactor } from './wait.ts';

/** From this utilisation on P99 grows without bound, and a number would be a lie. */
const unstable = 0.95;

export type Expected = {
  /** Per worker, 0–100. */
  readonly busy: number;
  /** Absent when the queue would not be stable. */
  readonly p99?: number;
  readonly pending?: number;
};

/** What the queue would be with another number of workers and the same load. */
export const expectWith = (queue: Queue, workers: number): Expected => {
  const busy = Math.min(100, (100 * queue.load) / workers);
  if (queue.load / workers >= unstable) return { busy };
  const waitMs = queue.demandMs * waitFactor(workers, queue.load);
  return {
    busy,
    p99: queue.intrinsicP99Ms + queue.kappa * waitMs,
    pending: (queue.arrivalsPerSecond * (queue.intrinsicMeanMs + waitMs)) / 1_000,
  };
};

const tenth = (value: number): number => Math.round(value * 10) / 10;

const interval = (from: number, to: number, spread: number): Interval => ({
  from: tenth(from),
  to: tenth(to),
  low: tenth(to / (1 + spread)),
  high: tenth(to * (1 + spread)),
});

/** The further P99 is to move, the less exactly it is known. */
const p99Spread = (from: number, to: number): number =>
  0.1 + 0.25 * Math.min(1, Math.abs(to - from) / Math.max(from, 1));

/** The same with intervals, as people read it before they accept. */
export const predict = (queue: Queue, workers: number): Prediction => {
  const expected = expectWith(queue, workers);
  const { p99, pending } = expected;
  return {
    cpu: interval(queue.busy, expected.busy, 0.08),
    ...(p99 !== undefined && {
      latencyP99Ms: interval(queue.p99, p99, p99Spread(queue.p99, p99)),
    }),
    ...(pending !== undefined && { pending: interval(queue.pending, pending, 0.5) }),
  };
};
