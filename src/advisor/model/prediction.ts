import type { Interval, Prediction } from '../../protocol/advice.ts';
import type { Queue } from './queue.ts';
import { measuredSpread, type Spread, spreadOfP99 } from './spread.ts';
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

/** So many times what the queue makes of it, and a P99 is of something else. */
const farOff = 3;

/**
 * Whether its P99 is that of a queue. What holds a loop that has time to spare may be in each worker
 * or in one of them: what another number of workers would bring is not known then.
 */
export const isOfQueue = (queue: Queue): boolean => {
  const p99 = expectedP99(queue, queue.workers, queue);
  return p99 === undefined || queue.p99 <= p99 * farOff;
};

const tenth = (value: number): number => Math.round(value * 10) / 10;

const interval = (from: number, to: number, { below, above }: Spread): Interval => ({
  from: tenth(from),
  to: tenth(to),
  low: tenth(to / (1 + below)),
  high: tenth(to * (1 + above)),
});

const even = (spread: number): Spread => ({ below: spread, above: spread });

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
  const spreadAt = (to: number): Spread => {
    const shown = spreadOfP99(queue, workers, to);
    if (measuredFor === undefined) return shown;
    const measured = measuredSpread(queue, workers, measuredFor);
    return even(wider * Math.hypot(shown.below, measured));
  };
  return {
    cpu: interval(queue.busy, expected.busy, even(0.08)),
    ...(p99 !== undefined && {
      latencyP99Ms: interval(queue.p99, p99, spreadAt(p99)),
    }),
    ...(pending !== undefined && { pending: interval(queue.pending, pending, even(0.5)) }),
  };
};
