import { type Evidence, type Signal, signals } from '../protocol/advice.ts';
import { type Line, severityOf, type Thresholds } from '../protocol/thresholds.ts';
import { type Instant, type Millis, seconds } from '../protocol/units.ts';
import { intrinsicMs, meanMs, sharesOfExcess, trusted } from './history/calm.ts';
import { lastSeconds, starved, sumOver } from './history/window.ts';
import type { Point, ServiceMemory } from './memory.ts';
import { trendOf } from './model/trend.ts';
import { offShare } from './settings.ts';
import { viewWindowMs } from './view.ts';

/** With fewer answers in ten seconds, one slow request is the whole percentile. */
export const enoughAnswers = 10;
/** How far above its calm P99 a service is "slower than usual". */
export const slower = 1.5;

type Seen = {
  readonly memory: ServiceMemory;
  readonly thresholds: Thresholds;
  readonly now: Point;
};

export const linesOf = (thresholds: Thresholds): Readonly<Record<Signal, Line>> => ({
  cpu: thresholds.cpu,
  latencyP99Ms: thresholds.latencyP99,
  pending: thresholds.pending,
  memoryMb: thresholds.memory,
});

export const valuesOf = (now: Point): Readonly<Record<Signal, number>> => ({
  cpu: now.busy,
  latencyP99Ms: now.p99,
  pending: now.pending,
  memoryMb: now.memoryMb,
});

/** Enough for its P99 to mean something. */
export const isAnswering = (points: readonly Point[]): boolean =>
  sumOver(points, 10, ({ completions }) => completions) >= enoughAnswers;

/** What Little's law says is in flight when nobody waits for a loop. */
const healthyPending = (memory: ServiceMemory, arrivals: number): number => {
  const calm = trusted(memory.calm);
  return (arrivals * (calm ? meanMs(calm.split) : intrinsicMs(memory.split))) / 1_000;
};

/**
 * Over the critical line, or over the warning line and not as usual: a service that always takes
 * its time is as its author made it.
 */
const isSlow = ({ memory, thresholds, now }: Seen, ease: number): boolean => {
  const { warning, critical } = thresholds.latencyP99;
  if (!isAnswering(memory.points) || now.p99 < warning * ease) return false;
  if (now.p99 >= critical * ease) return true;
  const calm = trusted(memory.calm);
  if (calm !== undefined && now.p99 >= calm.p99 * slower * ease) return true;
  if (sharesOfExcess(memory.split, calm).loopWait > 0.5) return true;
  const recent = lastSeconds(memory.points, 15);
  return trendOf(recent.map((one) => ({ at: one.at, value: one.pending }))).rises;
};

const isPilingUp = ({ memory, thresholds, now }: Seen, ease: number): boolean => {
  if (now.pending < thresholds.pending.warning * ease) return false;
  const healthy = healthyPending(memory, now.arrivals);
  return now.pending > (healthy + 3 * Math.sqrt(healthy)) * (ease < 1 ? ease : 1.2);
};

/**
 * Which signals are over their line now. `held` are those that were: they stay until they fall
 * below the lower line.
 */
export const signalsOver = (seen: Seen): readonly Signal[] => {
  const { held } = seen.memory;
  return signals.filter((signal) =>
    isOver[signal](seen, held[signal] === undefined ? 1 : offShare),
  );
};

const isOver: Readonly<Record<Signal, (seen: Seen, ease: number) => boolean>> = {
  cpu: ({ thresholds, now }, ease) => now.busy >= thresholds.cpu.critical * ease,
  latencyP99Ms: isSlow,
  pending: isPilingUp,
  memoryMb: ({ memory, thresholds, now }, ease) =>
    now.memoryMb >= thresholds.memory.critical * ease || memory.leak !== undefined,
};

export const evidenceOf = (
  signal: Signal,
  { now, thresholds }: Pick<Seen, 'now' | 'thresholds'>,
  since: Instant,
): Evidence => ({
  signal,
  value: Math.round(valuesOf(now)[signal] * 10) / 10,
  warning: linesOf(thresholds)[signal].warning,
  critical: linesOf(thresholds)[signal].critical,
  heldMs: now.at - since,
});

/** While requests pile up, and another signal is critical: so long is enough. */
export const pressingMs = seconds(2);
/** While no loop is full, and requests wait as well as P99 says, which a moment does not explain. */
export const agreeingMs = seconds(4);

/**
 * How long what is over its line must have been. P99 spans the window of a view, and must be for
 * longer than one bad moment, unless pending requests, which are those of now, tell the same.
 */
export const holdOf = (
  evidence: readonly Evidence[],
  memory: ServiceMemory,
  holdMs: Millis,
): ((one: Evidence) => boolean) => {
  const has = (signal: Signal): boolean => evidence.some((one) => one.signal === signal);
  const critical = evidence.filter(
    ({ signal, value, critical }) => signal !== 'memoryMb' && value >= critical,
  );
  const isPressing = has('pending') && critical.length >= 2 && isGrowing(memory.points);
  const isAgreed =
    has('latencyP99Ms') &&
    !has('cpu') &&
    (has('pending') || areManyWaiting(memory)) &&
    !isDraining(memory.points);
  // Whether the machine is full takes longer to tell, and by whom.
  const isStarved = (memory.points.at(-1)?.starvation ?? 0) >= starved;
  return ({ signal, heldMs }) => {
    if (signal === 'memoryMb') return heldMs >= holdMs;
    if (isPressing) return heldMs >= Math.min(holdMs, isStarved ? agreeingMs : pressingMs);
    if (isAgreed) return heldMs >= Math.min(holdMs, agreeingMs);
    return heldMs >= holdMs + (signal === 'latencyP99Ms' ? viewWindowMs : 0);
  };
};

/** For as long, and less than the line for pending, but far more than on a calm day. */
const areManyWaiting = (memory: ServiceMemory): boolean => {
  if (trusted(memory.calm) === undefined) return false;
  const recent = memory.points.slice(-agreeingMs / 1_000);
  return recent.every(({ pending, arrivals }) => {
    const healthy = healthyPending(memory, arrivals);
    return pending > (healthy + 3 * Math.sqrt(healthy)) * manyTimes;
  });
};

const manyTimes = 2;

const isDraining = (points: readonly Point[]): boolean => {
  const [before = 0, now = 0] = points.slice(-2).map(({ pending }) => pending);
  return now < before * drainingShare;
};

const drainingShare = 0.8;

/** In each of the last two seconds there were more of them than before. */
const isGrowing = (points: readonly Point[]): boolean => {
  const [before, then, now] = points.slice(-3).map(({ pending }) => pending);
  if (before === undefined || then === undefined || now === undefined) return false;
  return before < then && then < now;
};

/** Held evidence is at least a warning, also while its value is between the two lines. */
export const severityOfEvidence = (evidence: Evidence): 'warning' | 'critical' =>
  severityOf(evidence.value, evidence) === 'critical' ? 'critical' : 'warning';
