import type { BurnRate, Evidence, Signal } from '../../protocol/advice.ts';
import { errorsLine, type Thresholds } from '../../protocol/thresholds.ts';
import { type Millis, seconds } from '../../protocol/units.ts';
import { stretchesOf } from '../history/stretch.ts';
import { summed } from '../history/sums.ts';
import { startOfLast } from '../history/window.ts';
import type { ServiceMemory } from '../memory/memory.ts';

/** Bad answers of one sort, and the signal that they are told as. */
export type BadSignal = 'latencyP99Ms' | 'errorPercent';

/** More of the answers were bad than there may be, though no signal was over its line for long. */
export type Burn = {
  readonly signal: BadSignal;
  readonly severity: 'warning' | 'critical';
  readonly percent: number;
  readonly forMs: Millis;
  /** How many there were, when they were few. */
  readonly answers?: number;
};

/** P99 leaves one answer of a hundred over its line. */
const latencyObjective = 1;

/** So many times what there may be, in a long and in a short window: one bad moment is in one of them only. */
export const fast = { times: 10, longMs: seconds(60), shortMs: seconds(5) };
export const slow = { times: 3, longMs: seconds(600), shortMs: seconds(50) };

/** There were as many before the last so many seconds, too. */
export const momentMs = seconds(15);
const minuteMs = seconds(60);

/** Fewer bad answers than this are chance. */
export const enoughBad = 5;

const sumOf = { latencyP99Ms: 'slow', errorPercent: 'failed' } as const;

/** Of so many answers; what was not seen of the window counts as good. */
type Counted = { readonly bad: number; readonly answers: number };

const percentIn = ({ bad, answers }: Counted): number => (answers > 0 ? (bad / answers) * 100 : 0);

/** Not what chance makes of as many as there may be. */
const isMany = ({ bad, answers }: Counted, objective: number): boolean => {
  const usual = (answers * objective) / 100;
  return bad >= enoughBad && bad >= usual + 4 * Math.sqrt(usual);
};

type Of = {
  readonly history: Pick<ServiceMemory, 'points' | 'stretches' | 'stretch'>;
  readonly signal: BadSignal;
  /** Percent of the answers that may be bad. */
  readonly objective: number;
};

const objectivesOf = (thresholds: Thresholds): Readonly<Record<BadSignal, number>> => ({
  latencyP99Ms: latencyObjective,
  errorPercent: errorsLine(thresholds).warning,
});

/** How fast each is used up, in all windows. */
export const burnRatesOf = (
  history: Of['history'],
  thresholds: Thresholds,
): Readonly<Record<BadSignal, readonly BurnRate[]>> => {
  const objectives = objectivesOf(thresholds);
  const ratesOf = (signal: BadSignal): readonly BurnRate[] => {
    const of = { history, signal, objective: objectives[signal] };
    const rate = (forMs: Millis, line: number, counted: Counted): BurnRate => {
      const times = Math.round((percentIn(counted) / of.objective) * 10) / 10;
      return { forMs, times, line };
    };
    return [
      rate(fast.longMs, fast.times, lately(of, fast.longMs)),
      rate(fast.shortMs, fast.times, lately(of, fast.shortMs)),
      rate(slow.longMs, slow.times, overStretches(of)),
      rate(slow.shortMs, slow.times, lately(of, slow.shortMs)),
    ];
  };
  return { latencyP99Ms: ratesOf('latencyP99Ms'), errorPercent: ratesOf('errorPercent') };
};

/** The same beside what is told of P99 and errors. */
export const withBurnRates = (
  evidence: readonly Evidence[],
  { history, thresholds }: { readonly history: Of['history']; readonly thresholds: Thresholds },
): readonly Evidence[] => {
  if (!evidence.some(({ signal }) => signal in sumOf)) return evidence;
  const rates: Partial<Record<Signal, readonly BurnRate[]>> = burnRatesOf(history, thresholds);
  return evidence.map((one) => {
    const burnRates = rates[one.signal];
    return burnRates === undefined ? one : { ...one, burnRates };
  });
};

/** Which of them burn now; none, for next to no work, while nothing bad was seen in the last seconds. */
export const burnsOf = (history: Of['history'], thresholds: Thresholds): readonly Burn[] => {
  const objectives = objectivesOf(thresholds);
  return (['latencyP99Ms', 'errorPercent'] as const).flatMap((signal) => {
    const of = { history, signal, objective: objectives[signal] };
    if (lately(of, fast.shortMs).bad === 0) return [];
    return fastBurn(of) ?? slowBurn(of) ?? [];
  });
};

const fastBurn = (of: Of): Burn | undefined => {
  const line = fast.times * of.objective;
  const long = lately(of, fast.longMs);
  const percent = percentIn(long);
  if (percent < line || percentIn(lately(of, fast.shortMs)) < line) return undefined;
  const before = { bad: long.bad - lately(of, momentMs).bad, answers: long.answers };
  const earlier = (percentIn(before) * fast.longMs) / (fast.longMs - momentMs);
  if (!isMany(long, of.objective) || earlier < slow.times * of.objective) return undefined;
  return { signal: of.signal, severity: 'critical', percent, forMs: fast.longMs };
};

const slowBurn = (of: Of): Burn | undefined => {
  const line = slow.times * of.objective;
  if (percentIn(lately(of, slow.shortMs)) < line) return undefined;
  const long = overStretches(of);
  const percent = percentIn(long);
  if (percent < line || !isMany(long, of.objective)) return undefined;
  const before = { bad: long.bad - lately(of, minuteMs).bad, answers: long.answers };
  const earlier = (percentIn(before) * slow.longMs) / (slow.longMs - minuteMs);
  if (earlier < line) return undefined;
  return { signal: of.signal, severity: 'warning', percent, forMs: slow.longMs };
};

const lately = ({ history: { points }, signal }: Of, windowMs: Millis): Counted => {
  const windowSeconds = windowMs / 1_000;
  const from = startOfLast(points, windowSeconds);
  const seen = points.length - from;
  if (seen === 0) return { bad: 0, answers: 0 };
  const answers = (summed(points, 'arrived', { from }) * windowSeconds) / seen;
  return { bad: summed(points, sumOf[signal], { from }), answers };
};

const overStretches = ({ history, signal }: Of): Counted => {
  const from = (history.points.at(-1)?.at ?? 0) - slow.longMs;
  const all = stretchesOf(history);
  let [bad, answers, seen] = [0, 0, 0];
  for (let index = all.length - 1; index >= 0; index -= 1) {
    const stretch = all[index];
    if (stretch === undefined || stretch.at < from) break;
    bad += stretch[sumOf[signal]] ?? 0;
    answers += stretch.meanArrivals * stretch.seconds;
    seen += stretch.seconds;
  }
  const windowSeconds = slow.longMs / 1_000;
  return { bad, answers: seen === 0 ? 0 : (answers * Math.max(windowSeconds, seen)) / seen };
};
