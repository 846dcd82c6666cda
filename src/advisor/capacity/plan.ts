import { seconds } from '../../protocol/units.ts';
import { lastSeconds } from '../history/window.ts';
import type { ServiceMemory } from '../memory.ts';
import { waitFactor } from '../model/wait.ts';
import type { ServiceView } from '../view.ts';
import { arrivingLately, arrivingNow, growthOf } from './arrivals.ts';
import { type Line, lineOf } from './tail.ts';

/** What the load needs, as the autopilot sees it. */
export type Plan = {
  readonly arrivalsPerSecond: number;
  readonly demandMs: number;
  /** Cores that the requests need which are coming now. */
  readonly load: number;
  /** The fewest workers that keep P99 within its goal. */
  readonly needed: number;
  /** The same for the last minute, with room to spare: more than these are not missed. */
  readonly enough: number;
  readonly goalMs: number;
};

/** A worker is never planned to be busier. */
export const fullest = 0.92;
/** Part of the goal that is left as room when workers are taken back. */
export const roomBelow = 0.95;
/** P99 may be longer than it would be without any wait by this part, whatever the goal. */
export const waitAllowed = 0.15;
const priorKappa = 4;

/** Growth is believed to go on until a worker has started, but not beyond this part. */
export const mostGrowth = 0.25;
/** What is seen now was so a second ago. */
const tickMs = seconds(1);
/** How long a worker takes to start, until one was seen to. */
const usualStartupMs = seconds(2);
/** Workers with more than so many seconds of work before them are of no use to new requests. */
export const cloggedSeconds = 10;

export const planOf = (
  known: ServiceMemory,
  { workers: ready, startupMs = usualStartupMs }: ServiceView,
  sloMs: number,
): Plan | undefined => {
  const { demandMs = 0 } = known;
  if (demandMs <= 0) return undefined;
  const startup = (startupMs + tickMs) / 1_000;
  const now = arrivingNow(known.points);
  const arrivalsPerSecond = now + Math.min(now * mostGrowth, growthOf(known.points) * startup);
  const line = (known.tail && lineOf(known.tail, demandMs)) ?? guessed(known, ready, demandMs);
  const goalMs = sloMs * (known.margin ?? startMargin);
  const load = (arrivalsPerSecond * demandMs) / 1_000;
  const pending = known.points.at(-1)?.pending ?? 0;
  const workAhead = (pending * demandMs) / 1_000 + Math.max(0, load - ready) * startup;
  const isClogged = load > ready && workAhead / Math.max(1, ready) > cloggedSeconds;
  const lately = (arrivingLately(known.points) * demandMs) / 1_000;
  const workersFor = (cores: number, goal: number): number => {
    const longest = Math.max(goal, line.intrinsicP99Ms * (1 + waitAllowed));
    const waits = (longest - line.intrinsicP99Ms) / Math.max(1e-9, line.kappa * demandMs);
    let workers = Math.max(1, Math.ceil(cores / fullest - 1e-9));
    while (waitFactor(workers, cores) > waits && workers < cores * 3 + 1) workers += 1;
    return workers;
  };
  return {
    arrivalsPerSecond,
    demandMs,
    load,
    needed: workersFor(load, goalMs) + (isClogged ? ready : 0),
    enough: workersFor(Math.max(lately, 0), goalMs * roomBelow),
    goalMs,
  };
};

/** Before anything was learned: what is seen now, less the wait that there should be. */
const guessed = ({ queue }: ServiceMemory, workers: number, demandMs: number): Line => {
  const { p99 = 0, load = 0, intrinsicMeanMs = 0 } = queue ?? {};
  const waitMs = load < workers ? demandMs * waitFactor(workers, load) : p99;
  return {
    intrinsicP99Ms: Math.max(intrinsicMeanMs, p99 - priorKappa * waitMs),
    kappa: priorKappa,
  };
};

export const startMargin = 0.95;

/**
 * Time of a worker that one request takes, all that its process does for it included. In full
 * workers what is begun is not what is answered: both count by half, and what was known before more.
 */
export const demandOf = ({ points, demandMs }: ServiceMemory): number => {
  const minute = lastSeconds(points, 60);
  const free = minute.filter(({ meanBusy }) => meanBusy < saturatedBusy);
  if (free.length < enoughFree && demandMs !== undefined && free.length > 0) return demandMs;
  const counted = free.length < enoughFree ? minute : free;
  const served = counted.reduce(
    (sum, { arrivals, completions }) => sum + arrivals + completions,
    0,
  );
  const cores = counted.reduce((sum, point) => sum + point.cores, 0);
  return served > 0 ? (cores * 2_000) / served : 0;
};

const saturatedBusy = 93;
const enoughFree = 10;
