import { expectWith } from './prediction.ts';
import type { Queue } from './queue.ts';

export type Goal = {
  /** Highest utilisation of a worker, 0–1. */
  readonly busy: number;
  readonly p99Ms: number;
};

/** Workers below this utilisation are never bought for latency alone: the wait is elsewhere. */
const worthwhile = 0.3;

/** P99 may be longer than it would be without any wait by this part, whatever the goal. */
export const waitAllowed = 0.15;

/** The fewest workers that carry the load within the goal, or near what no number of them betters. */
export const workersFor = (queue: Queue, goal: Goal): number => {
  const fewest = Math.max(1, Math.ceil(queue.load / goal.busy - 1e-9));
  const longestMs = Math.max(goal.p99Ms, queue.intrinsicP99Ms * (1 + waitAllowed));
  const most = Math.max(fewest, Math.ceil(queue.load / worthwhile));
  for (let workers = fewest; workers < most; workers += 1) {
    const { p99 } = expectWith(queue, workers);
    if (p99 !== undefined && p99 <= longestMs) return workers;
  }
  return most;
};
