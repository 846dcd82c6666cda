import type { Policy } from './policy.ts';

/** What one writes first: the CPU of the whole machine, steps of a half, and a cooldown. */
const everySeconds = 30;
const cooldownSeconds = 120;
const upFrom = 85;
const downFrom = 40;
const fewSnapshots = 10;

export const naive = (): Policy => {
  const history: number[] = [];
  let advisedAt = -cooldownSeconds;
  return {
    decide: ({ view, second, ordered }) => {
      if (second % everySeconds !== 0) return undefined;
      const { cpuPerWorker = 0, workers = 1 } = view.services[0] ?? {};
      history.push((cpuPerWorker * workers) / view.machine.cores);
      if (history.length > fewSnapshots) history.shift();
      const wanted = second - advisedAt < cooldownSeconds ? ordered : wantedFor(history, ordered);
      if (wanted === ordered) return undefined;
      advisedAt = second;
      return wanted;
    },
  };
};

const wantedFor = (history: readonly number[], ordered: number): number => {
  if ((history.at(-1) ?? 0) >= upFrom) return Math.ceil(ordered * 1.5);
  const isLow = history.length === fewSnapshots && history.every((cpu) => cpu < downFrom);
  return isLow && ordered > 1 ? Math.floor(ordered / 2) : ordered;
};
