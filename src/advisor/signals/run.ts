import { type Instant, instant, type Millis, seconds } from '../../protocol/units.ts';
import type { ServiceView } from '../view.ts';
import type { BadSignal, Burn } from './burn.ts';

/** Answers in a row that were all bad; nothing else tells as much when there are few of them. */
export type Run = {
  readonly answers: number;
  readonly since: Instant;
  readonly until: Instant;
};

export type Runs = Readonly<Partial<Record<BadSignal, Run>>>;

/** Of a service that hardly anybody asks, when so many in a row were: a percentile of few is one of them. */
export const enoughInARow = { latencyP99Ms: 5, errorPercent: 3 } as const;
/** And for so long at least: a moment may hold as many. */
export const runMs = seconds(8);
/** What is further apart is not in a row: one slow request an hour is no trouble. */
export const runGapMs = seconds(300);

const noRuns: Runs = {};

/** A second in which nothing was answered tells nothing; one good answer ends a run. */
export const runsAfter = (
  before: Runs = noRuns,
  { lastSecond, completionsPerSecond }: ServiceView,
  at: Instant,
): Runs => {
  // Of a worker that is silent the last second may be long ago.
  if (lastSecond === undefined || completionsPerSecond === 0) return before;
  const { completions, slowRate = 0, errorRate = 0 } = lastSecond;
  if (completions === 0) return before;
  if (slowRate < 1 && errorRate < 1) return noRuns;
  const longer = (signal: BadSignal): Run => {
    const run = before[signal];
    return run === undefined || at - run.until > runGapMs
      ? { answers: completions, since: at, until: at }
      : { answers: run.answers + completions, since: run.since, until: at };
  };
  return {
    ...(slowRate >= 1 && { latencyP99Ms: longer('latencyP99Ms') }),
    ...(errorRate >= 1 && { errorPercent: longer('errorPercent') }),
  };
};

/** Those that are long enough, and not too long ago. */
export const badRunsIn = (runs: Runs = noRuns, at: Instant): readonly Burn[] => {
  if (runs === noRuns) return [];
  return (['latencyP99Ms', 'errorPercent'] as const).flatMap((signal): readonly Burn[] => {
    const run = runs[signal];
    if (run === undefined || at - run.until > runGapMs) return [];
    const { answers, since, until } = run;
    if (answers < enoughInARow[signal] || until - since < runMs) return [];
    const forMs = seconds(Math.round((until - since) / 1_000));
    return [{ signal, severity: 'critical', percent: 100, forMs, answers: Math.round(answers) }];
  });
};

/** On a clock that was set by so much. */
export const shiftRuns = (runs: Runs, byMs: Millis): Runs =>
  Object.fromEntries(
    Object.entries(runs).map(([signal, run]) => [
      signal,
      { ...run, since: instant(run.since + byMs), until: instant(run.until + byMs) },
    ]),
  );
