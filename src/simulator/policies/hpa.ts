import type { Policy, Seen } from './policy.ts';

/** Kubernetes' horizontal pod autoscaler (autoscaling/v2) with its defaults, for CPU. */
const targetPercent = 70;
const everySeconds = 15;
const tolerance = 0.1;
const stabilizationSeconds = 300;
const addedAtLeast = 4;

export const hpa = (): Policy => {
  const recent: number[] = [];
  const recommended: { readonly second: number; readonly workers: number }[] = [];
  return {
    decide: (seen) => {
      recent.push(seen.view.services[0]?.cpuPerWorker ?? 0);
      if (seen.second % everySeconds !== everySeconds - 1) return undefined;
      const used = recent.reduce((sum, each) => sum + each, 0) / recent.length;
      recent.length = 0;
      const workers = desired(seen, used / targetPercent);
      recommended.push({ second: seen.second, workers });
      while ((recommended[0]?.second ?? 0) <= seen.second - stabilizationSeconds) {
        recommended.shift();
      }
      if (workers > seen.ordered) {
        return Math.min(workers, seen.ordered + Math.max(addedAtLeast, seen.ordered));
      }
      return Math.min(seen.ordered, Math.max(...recommended.map((one) => one.workers)));
    },
  };
};

const desired = ({ view, ordered }: Seen, ratio: number): number => {
  if (Math.abs(ratio - 1) <= tolerance) return ordered;
  return Math.max(1, Math.ceil((view.services[0]?.workers ?? ordered) * ratio));
};
