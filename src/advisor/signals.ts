import type { Evidence, Signal } from '../protocol/advice.ts';
import { type Line, severityOf, type Thresholds } from '../protocol/thresholds.ts';
import type { Instant, Millis } from '../protocol/units.ts';
import { intrinsicMs, meanMs, sharesOfExcess, trusted } from './history/calm.ts';
import { lastSeconds } from './history/window.ts';
import type { Point, ServiceMemory } from './memory.ts';
import { type Trend, trendOf } from './model/trend.ts';
import { offShare } from './settings.ts';

/** With fewer answers in ten seconds, one slow request is the whole percentile. */
const enoughAnswers = 10;
/** How far above its calm P99 a service is "slower than usual". */
const slower = 1.5;
const leakWithinMs: Millis = 30 * 60_000;
const leakWorthMb = 20;

type Seen = {
  readonly memory: ServiceMemory;
  readonly thresholds: Thresholds;
  readonly now: Point;
};

const lines = (thresholds: Thresholds): Readonly<Record<Signal, Line>> => ({
  cpu: thresholds.cpu,
  latencyP99Ms: thresholds.latencyP99,
  pending: thresholds.pending,
  memoryMb: thresholds.memory,
});

const values = (now: Point): Readonly<Record<Signal, number>> => ({
  cpu: now.busy,
  latencyP99Ms: now.p99,
  pending: now.pending,
  memoryMb: now.memoryMb,
});

/** What Little's law says is in flight when nobody waits for a loop. */
export const healthyPending = (memory: ServiceMemory, arrivals: number): number => {
  const calm = trusted(memory.calm);
  return (arrivals * (calm ? meanMs(calm.split) : intrinsicMs(memory.split))) / 1_000;
};

const isSlow = ({ memory, thresholds, now }: Seen, ease: number): boolean => {
  const answers = lastSeconds(memory.points, 10).reduce((sum, one) => sum + one.completions, 0);
  const { warning, critical } = thresholds.latencyP99;
  if (answers < enoughAnswers || now.p99 < warning * ease) return false;
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

export type Leak = Trend & { readonly untilFullMs: Millis };

/**
 * The time until a steadily growing process reaches the critical line: minima of half a minute,
 * so that the garbage collector's saw-tooth does not count.
 */
export const leakOf = (memory: ServiceMemory, thresholds: Thresholds): Leak | undefined => {
  const stretches = memory.stretches.slice(-60);
  const minima: { at: number; value: number }[] = [];
  for (let i = 0; i + 3 <= stretches.length; i += 3) {
    const three = stretches.slice(i, i + 3);
    minima.push({ at: i * 10_000, value: Math.min(...three.map((one) => one.minMemoryMb)) });
  }
  const first = minima.at(0)?.value ?? 0;
  const last = minima.at(-1)?.value ?? 0;
  if (minima.length < 6 || last - first < leakWorthMb) return undefined;
  const trend = trendOf(minima);
  if (!trend.rises) return undefined;
  const untilFullMs = ((thresholds.memory.critical - last) / trend.perSecond) * 1_000;
  return untilFullMs < leakWithinMs
    ? { ...trend, untilFullMs: Math.max(0, untilFullMs) }
    : undefined;
};

/**
 * Which signals are over their line now. `held` are those that were: they stay until they fall
 * below the lower line.
 */
export const signalsOver = (seen: Seen): readonly Signal[] => {
  const { memory, thresholds, now } = seen;
  const ease = (signal: Signal): number => (memory.held[signal] === undefined ? 1 : offShare);
  const over: readonly (readonly [Signal, boolean])[] = [
    ['cpu', now.busy >= thresholds.cpu.critical * ease('cpu')],
    ['latencyP99Ms', isSlow(seen, ease('latencyP99Ms'))],
    ['pending', isPilingUp(seen, ease('pending'))],
    [
      'memoryMb',
      now.memoryMb >= thresholds.memory.critical * ease('memoryMb') ||
        leakOf(memory, thresholds) !== undefined,
    ],
  ];
  return over.filter(([, isOver]) => isOver).map(([signal]) => signal);
};

export const evidenceOf = (
  signal: Signal,
  { now, thresholds }: Pick<Seen, 'now' | 'thresholds'>,
  since: Instant,
): Evidence => ({
  signal,
  value: Math.round(values(now)[signal] * 10) / 10,
  warning: lines(thresholds)[signal].warning,
  critical: lines(thresholds)[signal].critical,
  heldMs: now.at - since,
});

/** Held evidence is at least a warning, also while its value is between the two lines. */
export const severityOfEvidence = (evidence: Evidence): 'warning' | 'critical' =>
  severityOf(evidence.value, evidence) === 'critical' ? 'critical' : 'warning';

/** Seconds of the last minute in which one slice held the loop for more than 100 ms. */
export const blockedSeconds = (points: readonly Point[]): number =>
  lastSeconds(points, 60).filter((point) => point.maxSliceMs > 100).length;
