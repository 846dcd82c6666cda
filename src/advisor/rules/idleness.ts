import { type Instant, instant, type Millis } from '../../protocol/units.ts';
import { mean, since } from '../history/window.ts';
import type { ServiceMemory } from '../memory.ts';
import type { Situation } from '../situation.ts';
import type { Declined } from './rule.ts';

export type Idleness = {
  readonly meanBusy: number;
  readonly meanCores: number;
  readonly peakCores: number;
};

/** Of the window that must have been seen: a restart of the supervisor leaves a gap. */
const enoughSeen = 0.8;
const finestMs = 300_000;

/**
 * How idle a service was over its whole window, or why that cannot be said. Short windows are
 * read from seconds, long ones from stretches of ten.
 */
export const idlenessOf = (situation: Situation): Idleness | Declined => {
  const { history, thresholds, idleForMs, at } = situation;
  const window =
    idleForMs <= finestMs ? fine(history, at, idleForMs) : coarse(history, at, idleForMs);
  const seen = window.reduce((sum, one) => sum + one.seconds, 0) / (idleForMs / 1_000);
  if (seen < enoughSeen || !reaches(history, at, idleForMs))
    return { because: `not enough data yet: ${Math.round(seen * 100)} % of its window was seen` };
  const meanBusy = mean(window.map((one) => one.meanBusy));
  if (meanBusy >= thresholds.underutilized.cpu)
    return { because: `CPU per worker was ${Math.round(meanBusy)} % on average` };
  return {
    meanBusy,
    meanCores: mean(window.map((one) => one.meanCores)),
    peakCores: peakOf(window.map((one) => one.peakCores)),
  };
};

type Slot = {
  readonly seconds: number;
  readonly meanBusy: number;
  readonly meanCores: number;
  readonly peakCores: number;
};

const fine = (history: ServiceMemory, at: Instant, lastMs: Millis): readonly Slot[] =>
  since(history.points, instant(at - lastMs)).map((point) => ({
    seconds: 1,
    meanBusy: point.meanBusy,
    meanCores: point.cores,
    peakCores: point.cores,
  }));

const coarse = (history: ServiceMemory, at: Instant, lastMs: Millis): readonly Slot[] =>
  since(history.stretches, instant(at - lastMs));

/** Whether something was seen at the window's beginning, and not only since. */
const reaches = (history: ServiceMemory, at: Instant, lastMs: Millis): boolean => {
  const oldest = history.stretches.at(0)?.at;
  return oldest !== undefined && oldest <= at - lastMs;
};

/** The peak but for the highest hundredth: one garbage collection is not a load. */
const peakOf = (cores: readonly number[]): number =>
  cores.toSorted((a, b) => a - b)[Math.floor(0.99 * (cores.length - 1))] ?? 0;
