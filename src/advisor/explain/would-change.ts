import type { Signal } from '../../protocol/advice.ts';
import { errorsLine } from '../../protocol/thresholds.ts';
import { trusted } from '../history/calm.ts';
import { round } from '../rules/draft.ts';
import { type AdvisorSettings, clearAfterMs, offShare } from '../settings.ts';
import { linesOf, slower } from '../signals/signals.ts';
import type { Situation } from '../situation.ts';

const names: Readonly<Record<Signal, string>> = {
  cpu: 'the busiest worker',
  latencyP99Ms: 'P99',
  pending: 'pending',
  memoryMb: 'memory of a worker',
  errorPercent: 'errors',
};
const units: Readonly<Record<Signal, string>> = {
  cpu: ' %',
  latencyP99Ms: ' ms',
  pending: '',
  memoryMb: ' MB',
  errorPercent: ' %',
};

/** What would have to be otherwise for the advisor to say something else. */
export const wouldChange = (
  situation: Situation,
  settings: AdvisorSettings,
  isAdvised: boolean,
): readonly string[] => {
  if (situation.evidence.length === 0) return untilPressed(situation, settings);
  const goes = `the advice goes ${clearAfterMs / 1_000} s after all of that`;
  return [...untilClear(situation), ...(isAdvised ? [goes] : [])];
};

const opensAtCritical: ReadonlySet<Signal> = new Set(['cpu', 'memoryMb', 'errorPercent']);

const opening = (signal: Signal, situation: Situation): number => {
  const line = linesOf(situation.thresholds)[signal];
  return opensAtCritical.has(signal) ? line.critical : line.warning;
};

const untilClear = (situation: Situation): readonly string[] =>
  situation.evidence.map(({ signal, value }) => {
    const below = round(opening(signal, situation) * offShare, 1);
    return `${names[signal]} below ${below}${units[signal]} (now ${value}${units[signal]})`;
  });

const untilPressed = (situation: Situation, { holdMs }: AdvisorSettings): readonly string[] => {
  const { cpu, latencyP99, pending, memory, underutilized } = situation.thresholds;
  const calm = trusted(situation.history.calm);
  const usual = calm === undefined ? '' : ` and ${slower} times its calm ${round(calm.p99, 1)} ms`;
  const held = `for ${holdMs / 1_000} s`;
  return [
    `a worker ${cpu.critical} % busy ${held}`,
    `P99 at ${latencyP99.critical} ms, or at ${latencyP99.warning} ms${usual}, ${held} and 5 s more`,
    `${pending.warning} pending, and more than its load explains, ${held}`,
    `${memory.critical} MB in a worker, or growth towards it`,
    `${errorsLine(situation.thresholds).critical} % of the answers errors, ${held}`,
    ...(situation.service.workers > situation.service.minWorkers
      ? [
          `below ${underutilized.cpu} % busy for ${round(situation.idleForMs / 1_000)} s: one worker less`,
        ]
      : []),
  ];
};
