import type { Evidence } from '../../protocol/advice.ts';
import type { Thresholds } from '../../protocol/thresholds.ts';
import type { Instant } from '../../protocol/units.ts';
import type { ServiceMemory } from '../memory/memory.ts';
import { type Burn, burnsOf } from './burn.ts';
import { mayComeAgain } from './moment.ts';
import { badRunsIn } from './run.ts';
import { evidenceOf, isAnswering } from './signals.ts';

/**
 * Of few answers, those in a row; else the share of the bad ones. None in a second that shows no
 * answer: there, nobody can tell where the time went.
 */
export const burningIn = (history: ServiceMemory, thresholds: Thresholds): readonly Burn[] => {
  const now = history.points.at(-1);
  if (now === undefined || now.completions === 0) return [];
  const inARow = isAnswering(history.points) ? [] : badRunsIn(history.runs, now.at);
  return inARow.length > 0 ? inARow : burnsOf(history, thresholds);
};

/** What was said of a service stays while there is no good answer, or what comes back may do so again. */
export const staysBad = ({ moment, ...history }: ServiceMemory, at: Instant): boolean =>
  isUnanswered(history, at) || mayComeAgain(moment, at);

/** The last answers were all bad, and there has been none since. */
export const isUnanswered = ({ runs }: Pick<ServiceMemory, 'runs'>, at: Instant): boolean =>
  badRunsIn(runs, at).length > 0;

export const evidenceOfBurns = (
  { burns = [], points }: ServiceMemory,
  thresholds: Thresholds,
): readonly Evidence[] => {
  const now = points.at(-1);
  if (now === undefined) return [];
  return burns.map(({ signal, ...burn }) => {
    const since = (now.at - burn.forMs) as Instant;
    const evidence = evidenceOf(signal, { now, thresholds }, since);
    const value = signal === 'errorPercent' ? { value: roundedTo(burn.percent) } : {};
    return { ...evidence, ...value, burn: { ...burn, percent: roundedTo(burn.percent) } };
  });
};

const roundedTo = (value: number): number => Math.round(value * 10) / 10;
