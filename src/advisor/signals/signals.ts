import { type Evidence, type Signal, signals } from '../../protocol/advice.ts';
import { errorsLine, type Line, severityOf, type Thresholds } from '../../protocol/thresholds.ts';
import { type Instant, type Millis, ms, seconds } from '../../protocol/units.ts';
import { intrinsicMs, meanMs, sharesOfExcess, trusted } from '../history/calm.ts';
import { lastSeconds, starved, sumOver } from '../history/window.ts';
import type { Calm, Point, ServiceMemory, Split } from '../memory/memory.ts';
import { trendOf } from '../model/trend.ts';
import { offShare } from '../settings.ts';
import { viewWindowMs } from '../view.ts';
import { areEnough, failingHoldMs } from './errors.ts';

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
  errorPercent: errorsLine(thresholds),
});

export const valuesOf = (now: Point): Readonly<Record<Signal, number>> => ({
  cpu: now.busy,
  latencyP99Ms: now.p99,
  pending: now.pending,
  memoryMb: now.memoryMb,
  errorPercent: now.errorPercent,
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
  if (isLonger(memory.split, calm) && sharesOfExcess(memory.split, calm).loopWait > 0.5)
    return true;
  const recent = lastSeconds(memory.points, 15);
  return trendOf(recent.map((one) => ({ at: one.at, value: one.pending }))).rises;
};

/** On average, and by more than what comes and goes: the extra time is something to be divided. */
const isLonger = (split: Split, calm: Calm | undefined): boolean =>
  calm === undefined || meanMs(split) >= meanMs(calm.split) * longer;

export const longer = 1.25;

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
  errorPercent: ({ memory, thresholds, now }, ease) =>
    now.errorPercent >= errorsLine(thresholds).critical * ease && areEnough(memory.points),
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

/** While P99 is critical and each second alone was slow, and of a CPU that did not come to it at once. */
export const lastingMs = seconds(5);
/** It has been over its warning line for so long. */
export const climbedMs = seconds(10);

/**
 * How long what is over its line must have been. P99 spans the window of a view, and must be for
 * longer than one bad moment, unless pending requests, which are those of now, or each of the last
 * seconds alone tell the same.
 */
export const holdOf = (
  evidence: readonly Evidence[],
  memory: ServiceMemory,
  holdMs: Millis,
): ((one: Evidence) => boolean) => {
  const sooner =
    pressingFor(evidence, memory) ?? agreedFor(evidence, memory) ?? slowFor(evidence, memory);
  const alike = ms(Math.min(holdMs, sooner ?? holdMs));
  const holdMsOf = (one: Evidence): Millis => {
    const { signal, warning } = one;
    switch (signal) {
      case 'memoryMb':
        return holdMs;
      case 'errorPercent':
        return failingHoldMs(memory.points, warning, ms(holdMs + viewWindowMs));
      case 'pending':
        return alike;
      case 'cpu':
        return hasClimbed(memory.points, warning) ? ms(Math.min(alike, lastingMs)) : alike;
      case 'latencyP99Ms': {
        const isLasting = isSlowEachSecond(memory, { overMs: warning, forMs: holdMs });
        if (sooner !== undefined || isLasting) return alike;
        return mayBeChance(one, memory) ? forever : ms(holdMs + viewWindowMs);
      }
    }
  };
  return (one) => one.heldMs >= holdMsOf(one);
};

/**
 * Of a few answers the slowest one is P99, and a view shows it for as long as it spans: two slow ones
 * would last. Slower than usual is known when as many seconds as that takes were slow alone.
 */
const mayBeChance = ({ warning, critical }: Evidence, { points, calm }: ServiceMemory): boolean => {
  if (sumOver(points, 5, ({ completions }) => completions) >= manyAnswers) return false;
  const usual = (trusted(calm)?.p99 ?? 0) * slower;
  const line = Math.min(critical, Math.max(warning, usual));
  const seen = lastSeconds(points, chanceSeconds).flatMap(({ p99Now }) => p99Now ?? []);
  return seen.length > 0 && seen.filter((each) => each >= line).length < enoughSlowSeconds;
};

const forever = ms(Number.POSITIVE_INFINITY);
/** So many in the seconds of a view tell their P99. */
export const manyAnswers = 300;
export const chanceSeconds = 15;
export const enoughSlowSeconds = 5;

/** It was busy before, too, and this is no burst. */
const hasClimbed = (points: readonly Point[], warning: number): boolean =>
  points.length >= climbedMs / 1_000 &&
  points.slice(-climbedMs / 1_000).every(({ busy }) => busy >= warning);

/** Undefined when they do not pile up, or nothing else is critical. */
const pressingFor = (
  evidence: readonly Evidence[],
  { points }: ServiceMemory,
): Millis | undefined => {
  if (!has('pending', evidence) || !isGrowing(points)) return undefined;
  if (evidence.filter(isCritical).length < 2) return undefined;
  // Whether the machine is full takes longer to tell, and by whom.
  return (points.at(-1)?.starvation ?? 0) >= starved ? agreeingMs : pressingMs;
};

/** Undefined unless P99 is critical, each second alone was slow, and it is not what is left of a bad moment. */
const slowFor = (evidence: readonly Evidence[], memory: ServiceMemory): Millis | undefined => {
  const slow = evidence.find(({ signal }) => signal === 'latencyP99Ms');
  if (slow === undefined || !isCritical(slow) || isDraining(memory.points)) return undefined;
  const isSlow = isSlowEachSecond(memory, { overMs: slow.warning, forMs: lastingMs });
  return isSlow ? lastingMs : undefined;
};

/**
 * Also in the first of them, and those that wait now do not say otherwise; a view shows for as long
 * as it spans what is over.
 */
const isSlowEachSecond = (
  memory: ServiceMemory,
  { overMs, forMs }: { readonly overMs: number; readonly forMs: Millis },
): boolean =>
  memory.points.slice(-forMs / 1_000 - 1).every(({ p99Now = 0 }) => p99Now >= overMs) &&
  areMoreWaiting(memory, atOnce);

/** Undefined when a loop is full, or those that wait do not tell what P99 does. */
const agreedFor = (evidence: readonly Evidence[], memory: ServiceMemory): Millis | undefined => {
  if (has('cpu', evidence) || isDraining(memory.points)) return undefined;
  const slow = evidence.find(({ signal }) => signal === 'latencyP99Ms');
  if (slow === undefined) return undefined;
  // As many have waited for as long as they must, and told it before P99 did.
  if (areMoreWaiting(memory, far)) return isCritical(slow) ? pressingMs : agreeingMs;
  return has('pending', evidence) ? agreeingMs : undefined;
};

const has = (signal: Signal, evidence: readonly Evidence[]): boolean =>
  evidence.some((one) => one.signal === signal);

const isCritical = ({ signal, value, critical }: Evidence): boolean =>
  signal !== 'memoryMb' && value >= critical;

/** In each of so many seconds so many times what chance makes of a calm day. */
const areMoreWaiting = (memory: ServiceMemory, { seconds: last, times }: Waiting): boolean => {
  if (trusted(memory.calm) === undefined) return false;
  return memory.points.slice(-last).every(({ pending, arrivals }) => {
    const healthy = healthyPending(memory, arrivals);
    return pending > (healthy + 3 * Math.sqrt(healthy)) * times;
  });
};

type Waiting = { readonly seconds: number; readonly times: number };
/** Less than the line for pending, but far more than usual, and for as long as it takes to agree. */
const far = { seconds: agreeingMs / 1_000, times: 2 };
const atOnce = { seconds: 2, times: 1 };

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
  evidence.burn?.severity ??
  (severityOf(evidence.value, evidence) === 'critical' ? 'critical' : 'warning');
