import type { Recommendation } from '../../protocol/advice.ts';
import { farShare } from './resize.ts';

/**
 * The advice with the number of workers that whoever accepts it has seen; undefined when it has
 * become another matter since, as that number is there by now or far more than is needed.
 */
export const asShown = (advice: Recommendation, workers: number): Recommendation | undefined => {
  const { currentWorkers, suggestedWorkers } = advice.details;
  const now = Number(suggestedWorkers);
  const isUp = now > Number(currentWorkers);
  const isPossible = isUp
    ? workers > Number(currentWorkers) && workers - now <= Math.max(1, now * farShare)
    : workers === now;
  return isPossible
    ? { ...advice, details: { ...advice.details, suggestedWorkers: workers } }
    : undefined;
};
