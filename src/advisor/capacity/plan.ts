import { type Instant, seconds } from '../../protocol/units.ts';
import { medianOver, sumOver } from '../history/window.ts';
import type { ServiceMemory } from '../memory/memory.ts';
import type { Queue } from '../model/queue.ts';
import { waitAllowed } from '../model/sizing.ts';
import { waitFactor } from '../model/wait.ts';
import { type ServiceView, viewWindowMs } from '../view.ts';
import { arrivingLately, arrivingNow, growthIn } from './arrivals.ts';
import { type Line, lineOf } from './tail.ts';

/** What the load needs, as the autopilot sees it. */
export type Plan = {
  /** What P99 does when the queue grows. */
  readonly line: Line;
  /** That are coming now. */
  readonly arrivalsPerSecond: number;
  /** How many more it does for: by chance too few were seen of a jump, and growth goes on. */
  readonly room: { readonly chance: number; readonly growth: number };
  /** Over the last minute, without what chance makes of it. */
  readonly latelyPerSecond: number;
  readonly demandMs: number;
  /** Cores that these need, with that room. */
  readonly load: number;
  /** The fewest workers that keep P99 within its goal. */
  readonly needed: number;
  /** The same for the last minute: more than these are not missed. */
  readonly enough: number;
  /** What P99 is to stay below. */
  readonly goalMs: number;
};

/** A worker is never planned to be busier. */
export const fullest = 0.92;
const priorKappa = 4;

/**
 * What is ordered now must do until what is ordered after it is ready, which is two starts away. Of
 * growth that slows down as much would be too much, and stay for long.
 */
const startsAhead = 1.35;
/** What a view still shows of the time before a change is of another number of workers. */
export const isMixed = (changed: ServiceMemory['changed'], at: Instant): boolean =>
  changed !== undefined && at - changed.at < viewWindowMs;

/** What is seen now was so a second ago. */
const tickMs = seconds(1);
/** How long a worker takes to start, until one was seen to. */
const usualStartupMs = seconds(2);
/** Workers with more than so many seconds of work before them are of no use to new requests. */
export const cloggedSeconds = 20;

export const planOf = (
  known: ServiceMemory,
  { workers: ready, startupMs = usualStartupMs }: ServiceView,
  sloMs: number,
): Plan | undefined => {
  const { ms: demandMs = 0 } = known.demand ?? {};
  if (demandMs <= 0) return undefined;
  const startup = (startupMs + tickMs) / 1_000;
  const { perSecond: arrivalsPerSecond, room: chance } = arrivingNow(known.points);
  const now = arrivalsPerSecond + chance;
  const growth = growthIn(startsAhead * startup, known.points, now);
  const learned = known.tail && lineOf(known.tail, demandMs);
  const line = asSeen(known, learned ?? guessed(known, demandMs));
  const queue = { ...line, demandMs };
  const keptMs = sloMs * (known.margin ?? startMargin);
  // Of a guess it is not believed: a queue that is still worked off looks like long requests.
  const goalMs = learned === undefined ? keptMs : Math.max(keptMs, reachable(line));
  const load = ((now + growth) * demandMs) / 1_000;
  const pending = known.points.at(-1)?.pending ?? 0;
  const workAhead = (pending * demandMs) / 1_000 + Math.max(0, load - ready) * startup;
  const isClogged = load > ready && workAhead / Math.max(1, ready) > cloggedSeconds;
  const latelyPerSecond = arrivingLately(known.points);
  return {
    line,
    arrivalsPerSecond,
    room: { chance, growth },
    latelyPerSecond,
    demandMs,
    load,
    needed: workersFor(load, goalMs, queue) + (isClogged ? ready : 0),
    enough: workersFor((latelyPerSecond * demandMs) / 1_000, goalMs, queue),
    goalMs,
  };
};

/** The same as in a plan, if more came than come now. */
export const enoughFor = (arrivalsPerSecond: number, { goalMs, demandMs, line }: Plan): number =>
  workersFor((arrivalsPerSecond * demandMs) / 1_000, goalMs, { ...line, demandMs });

/** The fewest that keep P99 so short. */
const workersFor = (
  cores: number,
  goalMs: number,
  line: Line & { readonly demandMs: number },
): number => {
  const longest = Math.max(goalMs, reachable(line));
  const waits = (longest - line.intrinsicP99Ms) / Math.max(1e-9, line.kappa * line.demandMs);
  let workers = Math.max(1, Math.ceil(cores / fullest - 1e-9));
  while (waitFactor(workers, cores) > waits && workers < cores * 3 + 1) workers += 1;
  return workers;
};

/** No number of workers brings P99 below what it is without any wait: it may grow by so much from there. */
const reachable = ({ intrinsicP99Ms }: Line): number => intrinsicP99Ms * (1 + waitAllowed);

/** With fewer answers in five seconds their slowest percent is none. */
const enoughForP99 = 100;

/** No request waits less than not at all: a P99 that was just seen is at least that without a wait. */
const asSeen = (known: ServiceMemory, line: Line): Line => {
  const { intrinsicP99Ms } = line;
  // Asked first of one second, as this is done for every service.
  if ((known.points.at(-1)?.p99 ?? intrinsicP99Ms) >= intrinsicP99Ms) return line;
  if (sumOver(known.points, 5, ({ completions }) => completions) < enoughForP99) return line;
  const seen = medianOver(known.points, 5, ({ p99 }) => p99) ?? intrinsicP99Ms;
  return seen < intrinsicP99Ms ? { ...line, intrinsicP99Ms: seen } : line;
};

/** Before anything was learned: what is seen now, less the wait that there should be. */
const guessed = (known: ServiceMemory, demandMs: number): Line => {
  const { p99 = 0, load = 0, intrinsicMeanMs = 0, workers = 0 } = lastWhole(known) ?? {};
  const waitMs = load < workers ? demandMs * waitFactor(workers, load) : p99;
  return {
    intrinsicP99Ms: Math.max(intrinsicMeanMs, p99 - priorKappa * waitMs),
    kappa: priorKappa,
    known: 0,
  };
};

/** A view shows a change of workers together with the P99 of before; that goes with those of before. */
const lastWhole = ({ queue, changed, points }: ServiceMemory): Queue | undefined => {
  const now = points.at(-1);
  return now !== undefined && isMixed(changed, now.at) ? changed?.before : queue;
};

export const startMargin = 0.95;
