import type { Policy } from './policy.ts';

/** Platformatic Watt's dynamic workers with their defaults: by event-loop utilisation, one at a time. */
const upFrom = 0.8;
const downFrom = 0.2;
const windowSeconds = 10;
const cooldownSeconds = 20;
const downEverySeconds = 60;

export const watt = (): Policy => {
  const recent: number[] = [];
  let changedAt = -cooldownSeconds;
  return {
    decide: ({ view, second, ordered }) => {
      const busy = view.services[0]?.busyPerWorker ?? [];
      recent.push(
        busy.reduce<number>((sum, each) => sum + each, 0) / Math.max(1, busy.length) / 100,
      );
      if (recent.length > windowSeconds) recent.shift();
      if (second - changedAt < cooldownSeconds) return undefined;
      const mean = recent.reduce((sum, each) => sum + each, 0) / recent.length;
      const isUp = mean > upFrom;
      const isDown = mean < downFrom && ordered > 1 && second % downEverySeconds === 0;
      if (!isUp && !isDown) return undefined;
      changedAt = second;
      return isUp ? ordered + 1 : ordered - 1;
    },
  };
};
