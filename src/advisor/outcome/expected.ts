import type { Prediction } from '../../protocol/advice.ts';
import type { Figures, Waiting } from '../memory/memory.ts';
import { predict } from '../model/prediction.ts';
import { viewWindowMs } from '../view.ts';

/**
 * What an action was to bring, at the load that came. Everything but the load is as it was measured
 * before the action: what was learned since would let the prediction copy the answer.
 */
export const expectedOf = (
  { direction, queue, coreMs }: Pick<Waiting, 'direction' | 'queue' | 'coreMs'>,
  after: Figures,
  workers: number,
): Prediction => {
  if (direction === 'other' || queue === undefined || workers === 0) return {};
  const { arrivalsPerSecond } = queue;
  if (arrivalsPerSecond <= 0 || after.completions <= 0) return {};
  const perRequest = coreMs === undefined ? queue.load / arrivalsPerSecond : coreMs / 1_000;
  const load = perRequest * after.completions;
  const measuredFor = after.seconds + viewWindowMs / 1_000;
  return predict({ ...queue, load, arrivalsPerSecond: after.completions }, workers, measuredFor);
};
