import type { WorkerSample } from '../../protocol/metrics.ts';

type Delayed = Pick<WorkerSample, 'eventLoopDelayMs'>;

/** The longest delay of these samples; absent where none of them tells it. */
export const longestDelayOf = (samples: readonly Delayed[]): Delayed => {
  let longestMs: number | undefined;
  for (const { eventLoopDelayMs = longestMs } of samples) {
    if (eventLoopDelayMs !== undefined) longestMs = Math.max(longestMs ?? 0, eventLoopDelayMs);
  }
  return longestMs === undefined ? {} : { eventLoopDelayMs: longestMs };
};
