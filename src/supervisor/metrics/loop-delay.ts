import type { ServiceView } from '../../advisor/view.ts';
import type { WorkerSample } from '../../protocol/metrics.ts';

type Delayed = Pick<WorkerSample, 'eventLoopDelayMs'>;
type LoopView = Pick<ServiceView, 'eventLoopDelayMs' | 'stalledIn'>;
type Looped = {
  readonly colocatedWith: readonly string[];
  readonly workers: readonly { readonly id: string; readonly stalledIn?: string }[];
};

/** The longest delay of these samples; absent where none of them tells it. */
export const longestDelayOf = (samples: readonly Delayed[]): Delayed => {
  let longestMs: number | undefined;
  for (const { eventLoopDelayMs = longestMs } of samples) {
    if (eventLoopDelayMs !== undefined) longestMs = Math.max(longestMs ?? 0, eventLoopDelayMs);
  }
  return longestMs === undefined ? {} : { eventLoopDelayMs: longestMs };
};

/** Of loops that a service has for itself: who holds a shared one is told by the slices alone. */
export const toLoopView = (
  { colocatedWith, workers }: Looped,
  samplesOf: (id: string) => readonly Delayed[],
): LoopView => {
  if (colocatedWith.length > 0) return {};
  const stalledIn = workers.find((worker) => worker.stalledIn !== undefined)?.stalledIn;
  return {
    ...longestDelayOf(workers.flatMap(({ id }) => samplesOf(id))),
    ...(stalledIn !== undefined && { stalledIn }),
  };
};
