import type { WorkerView } from './metrics.ts';

type Kept = Pick<WorkerView, 'standby'>;

/** Without those that a reload has replaced, and that are only kept at hand while the new ones bake. */
export const currentWorkers = <W extends Kept>(workers: readonly W[]): readonly W[] =>
  workers.filter(({ standby }) => standby !== true);

/** Why there are more processes than the service has workers: `+2 standby`, or nothing. */
export const standbyText = (workers: readonly Kept[]): string => {
  const kept = workers.length - currentWorkers(workers).length;
  return kept === 0 ? '' : `+${kept} standby`;
};
