import type { Evidence } from '../../protocol/advice.ts';
import { starved } from '../history/window.ts';
import type { Found } from '../judge.ts';
import { offShare } from '../settings.ts';
import { worthACore } from '../signals/full.ts';
import type { Situation, Surroundings } from '../situation.ts';
import { isSame } from './identify.ts';

/**
 * Why what nobody was told so far is not said in this second, though all seconds of the view together
 * speak for it: the last ones say otherwise, or who is to blame shows in one of the next.
 */
export const notYet = (
  { draft, situation }: Found,
  { view, memory }: Pick<Surroundings, 'view' | 'memory'>,
): string | undefined => {
  if (memory.open.some((open) => isSame(draft, open))) return undefined;
  if (draft.action === 'scale_up' && isFilling(situation, view.machine)) {
    return 'no core is idle in this second, and the next ones tell whether that lasts';
  }
  return isOver(situation)
    ? 'its requests of this second were fast, and only those before them were not'
    : undefined;
};

/** It waits for a core and there is none, which makes no full machine yet. */
const isFilling = (
  { history }: Situation,
  { cores, cpu }: Surroundings['view']['machine'],
): boolean =>
  history.fullAt === undefined &&
  cpu !== undefined &&
  cores * (1 - cpu / 100) < worthACore &&
  (history.points.at(-1)?.starvation ?? 0) >= starved;

/** A view shows for as long as it spans what is over; what burns does so while it is good, too. */
const isOver = ({ evidence, history, thresholds }: Situation): boolean => {
  const line = thresholds.latencyP99.warning * offShare;
  const { p99Now = line } = history.points.at(-1) ?? {};
  const isOld = (one: Evidence): boolean => one.signal === 'latencyP99Ms' && !one.burn;
  return evidence.length > 0 && evidence.every(isOld) && p99Now < line;
};
