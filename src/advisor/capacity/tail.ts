import { kappaDoubt, usualScatter } from '../model/queue.ts';
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
  /** Those of which it is known how long they held the loop, and the sums of that. */
  readonly requests: number;
  readonly heldMs: number;
  readonly heldMs2: number;
  readonly visits: number;
  readonly sliceMs2: number;
};

export type Seen = {
  readonly held: ServiceView['held'];
  /** The squares of the slices of a second. */
  readonly sliceMs2: number;
  readonly completions: number;
  readonly workers: number;
  readonly load: number;
  readonly demandMs: number;
  readonly p99: number;
};

export const emptyTail: Tail = {
  seconds: 0,
  waitMs: 0,
  waitMs2: 0,
  p99: 0,
  waitP99: 0,
  requests: 0,
  heldMs: 0,
  heldMs2: 0,
  visits: 0,
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
export const learnTail = (tail: Tail = emptyTail, seen: Seen): Tail => {
  const { workers, load, demandMs, p99, completions, held, sliceMs2 } = seen;
  if (p99 <= 0 || load / workers >= settled) return tail;
  const waitMs = demandMs * waitFactor(workers, load);
  const add = (old: number, fresh: number): number => old * forgetting + fresh;
  return {
    seconds: add(tail.seconds, 1),
    waitMs: add(tail.waitMs, waitMs),
    waitMs2: add(tail.waitMs2, waitMs * waitMs),
    p99: add(tail.p99, p99),
    waitP99: add(tail.waitP99, waitMs * p99),
    requests: add(tail.requests, held === undefined ? 0 : completions),
    visits: add(tail.visits, completions * (held?.visits ?? 0)),
    sliceMs2: add(tail.sliceMs2, held === undefined ? 0 : sliceMs2),
    heldMs: add(tail.heldMs, completions * (held?.meanMs ?? 0)),
    heldMs2: add(tail.heldMs2, completions * (held?.meanSquareMs2 ?? 0)),
  };
};

/** So many standard deviations above its mean lies the 99th percentile of a normal distribution. */
const z99 = 2.33;

/**
 * How unequal requests are in what they take of a worker: its second moment over the square of its
 * mean, 1 when all are alike and 2 for an exponential distribution. What the process does around a
 * request is the same for each.
 */
const scatterOf = ({ requests, heldMs, heldMs2 }: Tail, demandMs: number): number => {
  if (requests === 0 || demandMs === 0) return usualScatter;
  const mean = heldMs / requests;
  return 1 + Math.max(0, heldMs2 / requests - mean * mean) / demandMs ** 2;
};

/** What the slowest percent takes of a worker, by a lognormal distribution with these two moments. */
const slowestMs = ({ requests }: Tail, demandMs: number, scatter: number): number => {
  if (requests === 0) return demandMs;
  const variance = Math.log(scatter);
  return demandMs * Math.exp(z99 * Math.sqrt(variance) - variance / 2);
};

/**
 * How many times a request waits as long as one that does all it has to do at once. Who holds the
 * loop for long and comes back for an answer waits twice; who does the same in three equal parts
 * waits three times for a third, since the others do so as well.
 */
const waitsOf = ({ requests, visits, sliceMs2, heldMs2 }: Tail): number =>
  requests === 0 || heldMs2 === 0 ? 1 : Math.max(1, ((visits / requests) * sliceMs2) / heldMs2);

/** The slowest percent is not unlucky each time, and who comes back waits less than who is new. */
const togetherPower = 0.4;

/**
 * The slowest percent of waits goes with more than their mean when requests are very unequal, as
 * Takács has it with the third moment: so much more was seen in simulation of one to eight workers.
 */
const tailPower = 0.6;

/**
 * The mean wait for a loop goes with the second moment of what holds it, as Pollaczek and Khinchine
 * say: this is it against that of an exponential distribution, which the prior is for, and of
 * requests that wait once.
 */
const unevenness = (tail: Tail, scatter: number): number => {
  const unequal = scatter / usualScatter;
  return unequal * Math.max(1, unequal) ** tailPower * waitsOf(tail) ** togetherPower;
};

type Inequality = {
  readonly slowestMs: number;
  readonly unevenness: number;
  readonly scatter: number;
};

/** How unequal the requests of a service are, as far as is known; each is outside for so long. */
export const spreadOf = (
  tail: Tail | undefined,
  demandMs: number,
  outsideMs: number,
): Inequality => {
  if (tail === undefined) return { slowestMs: 0, unevenness: 1, scatter: usualScatter };
  const scatter = scatterOf(tail, demandMs);
  return {
    slowestMs: outsideMs + slowestMs(tail, demandMs, scatter),
    unevenness: unevenness(tail, scatter),
    scatter,
  };
};

export type Line = {
  readonly intrinsicP99Ms: number;
  readonly kappa: number;
  /** How much of its slope is what was seen, and not the prior, 0–1. */
  readonly known: number;
};

/** P99 without a wait, and how many mean waits the slowest percent waits: the line's two numbers. */
export const lineOf = (tail: Tail, demandMs: number, outsideMs = 0): Line | undefined => {
  if (tail.seconds < 5) return undefined;
  const meanWait = tail.waitMs / tail.seconds;
  const meanP99 = tail.p99 / tail.seconds;
  const weight = priorSeconds * demandMs * demandMs;
  const unequal = spreadOf(tail, demandMs, outsideMs);
  const prior = priorKappa * unequal.unevenness;
  const spread = tail.waitMs2 - tail.waitMs * meanWait;
  const together = tail.waitP99 - tail.waitMs * meanP99;
  const kappa = Math.max(0, (together + prior * weight) / (spread + weight));
  const fitted = meanP99 - kappa * meanWait;
  const known = spread / (spread + weight);
  const slowest = unequal.slowestMs;
  if (fitted >= slowest || meanWait === 0) return { intrinsicP99Ms: fitted, kappa, known };
  const intrinsicP99Ms = sharedOf(meanP99, slowest, kappa * meanWait);
  return { intrinsicP99Ms, kappa: (meanP99 - intrinsicP99Ms) / meanWait, known };
};

/** What is guessed of the slowest percent may be off by this part. */
const slowestDoubt = 0.1;

/**
 * The slowest percent without its wait when less was seen than both are guessed to make together:
 * each is off by its part of what is missing. Were all of it the wait's, requests would seem not to
 * wait at all.
 */
const sharedOf = (p99: number, slowest: number, waits: number): number => {
  const ofSlowest = (slowestDoubt * slowest) ** 2;
  const ofWait = (kappaDoubt * waits) ** 2;
  const missing = p99 - slowest - waits;
  return Math.min(p99, Math.max(0, slowest + (missing * ofSlowest) / (ofSlowest + ofWait)));
};
