import type { Interval, Prediction } from '../../protocol/advice.ts';
import { type Queue, settled } from './queue.ts';
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

/** What the model itself is off by. */
const modelSpread = 0.04;
/** The mean waits of the slowest percent may be so many more or fewer, until other queues were seen. */
const kappaDoubt = 1.5;
/** A P99 is learned from, and compared with, the answers of so many seconds. */
const sampledSeconds = 20;
/** Eight of ten lie within so many standard deviations. */
const eightOfTen = 1.28;
/** Of a P99 of one answer, as a part of it, when latencies spread as an exponential distribution. */
const ofOneAnswer = 2.16;
/** Two P99s of n answers are compared, each off by that over √n. */
const chanceOfTwo = eightOfTen * ofOneAnswer * Math.SQRT2;

/** The further the queue is from those that were seen, and the fewer requests tell it, the wider. */
const p99Spread = (queue: Queue, workers: number, to: number): number => {
  const requests = queue.arrivalsPerSecond * sampledSeconds;
  const chance = chanceOfTwo / Math.sqrt(Math.max(1, requests));
  return Math.hypot(modelSpread, Math.min(1, chance), Math.min(1, slopeSpread(queue, workers, to)));
};

const slopeSpread = (queue: Queue, workers: number, to: number): number => {
  const { load, demandMs, known = 0 } = queue;
  const waits = (count: number): number => waitFactor(count, Math.min(load, settled * count));
  const moves = demandMs * Math.abs(waits(workers) - waits(queue.workers));
  return (eightOfTen * kappaDoubt * Math.sqrt(1 - known) * moves) / Math.max(1, to);
};

/**
 * What a P99 that was measured for so many seconds is off by itself. What waits for a loop is no new
 * sample with each request: a queue forgets only in the time that it takes to empty.
 */
const measuredSpread = (queue: Queue, workers: number, seconds: number): number => {
  const { load, demandMs, kappa, intrinsicP99Ms, arrivalsPerSecond } = queue;
  const utilisation = load / workers;
  const waitMs = kappa * demandMs * waitFactor(workers, load);
  const forgetsMs = demandMs / (1 - Math.sqrt(utilisation)) ** 2;
  const alone = ofOneAnswer / Math.sqrt(Math.max(1, arrivalsPerSecond * seconds));
  const queues = (seconds * 1_000 * workers) / (2 * forgetsMs);
  const together = waitMs / (intrinsicP99Ms + waitMs) / Math.sqrt(queues);
  return eightOfTen * Math.hypot(alone, together);
};

/**
 * What came is the median of the P99s of five seconds each, which chance spreads further, and more
 * to one side, than a deviation tells. In simulation eight of ten lay within so much more: of 224
 * services that it was taken from, and of as many others.
 */
const wider = 1.2;

/**
 * The same with intervals, as people read it before they accept. What it is held against afterwards
 * was measured for some seconds only, and is off by itself.
 */
export const predict = (queue: Queue, workers: number, measuredFor?: number): Prediction => {
  const expected = expectWith(queue, workers);
  const { p99, pending } = expected;
  const spreadAt = (to: number): number => {
    const shown = p99Spread(queue, workers, to);
    if (measuredFor === undefined) return shown;
    return wider * Math.hypot(shown, measuredSpread(queue, workers, measuredFor));
  };
  return {
    cpu: interval(queue.busy, expected.busy, 0.08),
    ...(p99 !== undefined && {
      latencyP99Ms: interval(queue.p99, p99, spreadAt(p99)),
    }),
    ...(pending !== undefined && { pending: interval(queue.pending, pending, 0.5) }),
  };
};
