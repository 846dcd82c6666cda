import { viewWindowMs } from '../view.ts';
import { kappaDoubt, type Queue, settled, usualScatter } from './queue.ts';
import { waitFactor } from './wait.ts';

/** By which part a P99 may be less, and more, than is said: eight of ten lie between. */
export type Spread = { readonly below: number; readonly above: number };

/** What the model itself is off by: as much came of queues of which all else was known. */
const modelSpread = 0.02;
/** Eight of ten lie within so many standard deviations. */
const eightOfTen = 1.28;
/** A P99 that no line was drawn through is that of so many seconds. */
const fewestSeconds = 10;
/** By its density there, a lognormal distribution of this much scatter (σ) tells its P99 so badly. */
const perSigma = 3.77;
/** What is outside of the app is not the same for each request either. */
const leastScatter = 1.25;

/**
 * How exactly P99 will be what is said. The further the queue is from those that were seen, and the
 * fewer and the more unequal the requests that tell it, the wider. P99s of five seconds miss what
 * comes in bunches: the range is wider above.
 */
export const spreadOfP99 = (queue: Queue, workers: number, to: number): Spread => {
  const { seconds = fewestSeconds } = queue;
  const learned = spreadByFew(queue, seconds);
  const below = Math.hypot(modelSpread, all(learned), all(slopeSpread(queue, workers, to)));
  return { below, above: Math.hypot(below, all(missedIn(queue))) };
};

/** What a P99 is off by as it is that of so few requests. */
export const spreadByFew = (
  queue: Pick<Queue, 'arrivalsPerSecond' | 'scatter'>,
  seconds: number,
): number => eightOfTen * chanceAlone(queue, seconds);

const all = (part: number): number => Math.min(1, part);

const slopeSpread = (queue: Queue, workers: number, to: number): number => {
  const { demandMs, kappa, known = 0 } = queue;
  const moves = Math.abs(meanWaitMs(queue, workers) - meanWaitMs(queue, queue.workers));
  const doubt = kappaDoubt * Math.sqrt(1 - known);
  return demandMs > 0 ? (eightOfTen * doubt * kappa * moves) / Math.max(1, to) : 0;
};

const meanWaitMs = ({ load, demandMs }: Queue, workers: number): number =>
  demandMs * waitFactor(workers, Math.min(load, settled * workers));

/** The P99s of single views scatter, and their mean is less by the square of that. */
const missedIn = (queue: Queue): number => {
  const seconds = viewWindowMs / 1_000;
  return chanceAlone(queue, seconds) ** 2 + chanceTogether(queue, queue.workers, seconds) ** 2;
};

/** What a P99 of so many seconds is off by, were each request a new sample. */
const chanceAlone = (
  { arrivalsPerSecond, scatter = usualScatter }: Pick<Queue, 'arrivalsPerSecond' | 'scatter'>,
  seconds: number,
): number => {
  const sigma = Math.sqrt(Math.log(Math.max(leastScatter, scatter)));
  return (perSigma * sigma) / Math.sqrt(Math.max(1, arrivalsPerSecond * seconds));
};

/** What waits for a loop is none: a queue forgets only in the time that it takes to empty. */
const chanceTogether = (queue: Queue, workers: number, seconds: number): number => {
  const { load, demandMs, kappa, intrinsicP99Ms } = queue;
  const waitMs = kappa * meanWaitMs(queue, workers);
  const forgetsMs = demandMs / (1 - Math.sqrt(Math.min(settled, load / workers))) ** 2;
  const queues = (seconds * 1_000 * workers) / (2 * forgetsMs);
  return waitMs <= 0 ? 0 : waitMs / (intrinsicP99Ms + waitMs) / Math.sqrt(queues);
};

/** What a P99 that was measured for so many seconds is off by itself. */
export const measuredSpread = (queue: Queue, workers: number, seconds: number): number =>
  eightOfTen * Math.hypot(chanceAlone(queue, seconds), chanceTogether(queue, workers, seconds));
