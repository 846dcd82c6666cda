import { waitFactor } from '../model/wait.ts';
import type { ServiceView } from '../view.ts';

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
  readonly slices: number;
  readonly sliceMs: number;
  readonly sliceMs2: number;
};

export type Seen = {
  readonly slices: ServiceView['slices'];
  /** On a core, in a second. */
  readonly heldLoopMs: number;
  readonly workers: number;
  readonly load: number;
  readonly demandMs: number;
  readonly p99: number;
};

const empty: Tail = {
  seconds: 0,
  waitMs: 0,
  waitMs2: 0,
  p99: 0,
  waitP99: 0,
  slices: 0,
  sliceMs: 0,
  sliceMs2: 0,
};
/** A second counts half as much after four minutes. */
const forgetting = 0.997;
/** From here on a queue does not settle, and its P99 tells how long it has grown. */
const settled = 0.93;
/** The slowest percent waits four times as long as the mean, until better is known: */
const priorKappa = 4;
/** as if it had been seen for so many seconds with a wait of one request's time. */
const priorSeconds = 60;

/** Adds one second, if its queue was a settled one. */
export const learnTail = (tail: Tail = empty, seen: Seen): Tail => {
  const { workers, load, demandMs, p99, slices, heldLoopMs } = seen;
  if (p99 <= 0 || load / workers >= settled) return tail;
  const waitMs = demandMs * waitFactor(workers, load);
  const add = (old: number, fresh: number): number => old * forgetting + fresh;
  return {
    seconds: add(tail.seconds, 1),
    waitMs: add(tail.waitMs, waitMs),
    waitMs2: add(tail.waitMs2, waitMs * waitMs),
    p99: add(tail.p99, p99),
    waitP99: add(tail.waitP99, waitMs * p99),
    slices: add(tail.slices, slices.perSecond),
    sliceMs: add(tail.sliceMs, heldLoopMs),
    sliceMs2: add(tail.sliceMs2, slices.sumOfSquaresMs2PerSecond),
  };
};

/** So many standard deviations above its mean lies the 99th percentile of a normal distribution. */
const z99 = 2.33;

/**
 * What the slowest percent of the requests takes on a core, when they spread as the slices of the
 * service do: of a lognormal distribution with their mean and their second moment.
 */
const slowestMs = ({ slices, sliceMs, sliceMs2 }: Tail, demandMs: number): number => {
  if (slices === 0 || sliceMs === 0) return demandMs;
  const variance = Math.log(Math.max(1, (sliceMs2 * slices) / sliceMs ** 2));
  return demandMs * Math.exp(z99 * Math.sqrt(variance) - variance / 2);
};

/**
 * The wait for a loop goes with the second moment of what holds it, as Pollaczek and Khinchine say:
 * this is it against slices of an exponential distribution, which the prior is for. A request may
 * take many slices that hardly hold the loop, and make the others look uneven: above that, only the
 * squares count that a request has in all.
 */
const unevenness = ({ slices, sliceMs, sliceMs2 }: Tail, demandMs: number): number => {
  if (slices === 0 || sliceMs === 0 || demandMs === 0) return 1;
  const ofSlices = Math.max(1, (sliceMs2 * slices) / sliceMs ** 2) / 2;
  const ofRequests = sliceMs2 / (sliceMs * demandMs) / 2;
  return Math.max(ofRequests, Math.min(1, ofSlices));
};

/** How the slices of a service spread, as far as is known. */
export const spreadOf = (
  tail: Tail | undefined,
  demandMs: number,
): { readonly slowestMs: number; readonly unevenness: number } =>
  tail === undefined
    ? { slowestMs: 0, unevenness: 1 }
    : { slowestMs: slowestMs(tail, demandMs), unevenness: unevenness(tail, demandMs) };

export type Line = { readonly intrinsicP99Ms: number; readonly kappa: number };

/** P99 without a wait, and how many mean waits the slowest percent waits: the line's two numbers. */
export const lineOf = (tail: Tail, demandMs: number): Line | undefined => {
  if (tail.seconds < 5) return undefined;
  const meanWait = tail.waitMs / tail.seconds;
  const meanP99 = tail.p99 / tail.seconds;
  const weight = priorSeconds * demandMs * demandMs;
  const prior = priorKappa * unevenness(tail, demandMs);
  const spread = tail.waitMs2 - tail.waitMs * meanWait;
  const together = tail.waitP99 - tail.waitMs * meanP99;
  const kappa = Math.max(0, (together + prior * weight) / (spread + weight));
  const fitted = meanP99 - kappa * meanWait;
  const intrinsicP99Ms = Math.min(meanP99, Math.max(fitted, slowestMs(tail, demandMs)));
  const rest = meanWait > 0 ? (meanP99 - intrinsicP99Ms) / meanWait : kappa;
  return { intrinsicP99Ms, kappa: fitted < intrinsicP99Ms ? rest : kappa };
};
