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
  const p99 = expectedP99(queue, workers, queue);
  if (p99 === undefined) return { busy };
  const waitMs = queue.demandMs * waitFactor(workers, queue.load);
  const pending = (queue.arrivalsPerSecond * (queue.intrinsicMeanMs + waitMs)) / 1_000;
  return { busy, p99, pending };
};

/** By another line than its own; undefined when the queue would not be stable. */
export const expectedP99 = (
  { load, demandMs }: Pick<Queue, 'load' | 'demandMs'>,
  workers: number,
  { intrinsicP99Ms, kappa }: Pick<Queue, 'intrinsicP99Ms' | 'kappa'>,
): number | undefined =>
  load / workers >= unstable
    ? undefined
    : intrinsicP99Ms + kappa * demandMs * waitFactor(workers, load);

const tenth = (value: number): number => Math.round(value * 10) / 10;

const interval = (from: number, to: number, spread: number): Interval => ({
  from: tenth(from),
  to: tenth(to),
  low: tenth(to / (1 + spread)),
  high: tenth(to * (1 + spread)),
});

/** What the model itself is off by, and by how much more when P99 is to move by all of itself. */
const modelSpread = 0.04;
const moveSpread = 0.12;
/** A P99 is learned from, and compared with, the answers of so many seconds. */
const sampledSeconds = 20;
/**
 * Eight of ten P99s of n answers lie within 1.28 standard deviations of it, each of 2.16 / √n of it
 * when latencies spread as an exponential distribution; and two such are compared.
 */
const chanceOfTwo = 1.28 * 2.16 * Math.SQRT2;

/** The further P99 is to move, and the fewer requests tell it, the less exactly it is known. */
const p99Spread = ({ p99, arrivalsPerSecond }: Queue, to: number): number => {
  const chance = chanceOfTwo / Math.sqrt(Math.max(1, arrivalsPerSecond * sampledSeconds));
  const moves = Math.min(1, Math.abs(to - p99) / Math.max(p99, 1));
  return Math.hypot(modelSpread, Math.min(1, chance)) + moveSpread * moves;
};

/** The same with intervals, as people read it before they accept. */
export const predict = (queue: Queue, workers: number): Prediction => {
  const expected = expectWith(queue, workers);
  const { p99, pending } = expected;
  return {
    cpu: interval(queue.busy, expected.busy, 0.08),
    ...(p99 !== undefined && {
      latencyP99Ms: interval(queue.p99, p99, p99Spread(queue, p99)),
    }),
    ...(pending !== undefined && { pending: interval(queue.pending, pending, 0.5) }),
  };
};
