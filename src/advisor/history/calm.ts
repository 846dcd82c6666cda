import type { Calm, Split } from '../memory/memory.ts';

/** A calm baseline counts after this many seconds, and follows slow change afterwards. */
export const enoughCalmSeconds = 10;
const slowest = 0.005;

const blend = (old: number, fresh: number, weight: number): number => old + weight * (fresh - old);

type ByCallee = Split['downstreamMs'];

export const blendSplit = (old: Split, fresh: Split, weight: number): Split => ({
  cpuMs: blend(old.cpuMs, fresh.cpuMs, weight),
  loopWaitMs: blend(old.loopWaitMs, fresh.loopWaitMs, weight),
  externalMs: blend(old.externalMs, fresh.externalMs, weight),
  downstreamMs: blendEach(old.downstreamMs, fresh.downstreamMs, weight),
  // What was learned before they were counted says nothing of them.
  ...(fresh.calls && { calls: blendEach(old.calls ?? fresh.calls, fresh.calls, weight) }),
});

const blendEach = (old: ByCallee, fresh: ByCallee, weight: number): ByCallee => {
  const each: Record<string, number> = {};
  for (const callee in old) each[callee] = blend(old[callee] ?? 0, fresh[callee] ?? 0, weight);
  for (const callee in fresh) each[callee] ??= blend(0, fresh[callee] ?? 0, weight);
  return each;
};

/** Learns from one calm second. A service that was never calm has no baseline to differ from. */
export const learnCalm = (calm: Calm | undefined, p99: number, split: Split): Calm => {
  if (calm === undefined) return { seconds: 1, p99, split };
  const weight = Math.max(slowest, 1 / (calm.seconds + 1));
  return {
    seconds: calm.seconds + 1,
    p99: blend(calm.p99, p99, weight),
    split: blendSplit(calm.split, split, weight),
  };
};

export const trusted = (calm: Calm | undefined): Calm | undefined =>
  calm !== undefined && calm.seconds >= enoughCalmSeconds ? calm : undefined;

/** Mean latency of a request that need not wait for the event loop. */
export const intrinsicMs = ({ cpuMs, externalMs, downstreamMs }: Split): number => {
  let sum = cpuMs + externalMs;
  for (const callee in downstreamMs) sum += downstreamMs[callee] ?? 0;
  return sum;
};

export const meanMs = (split: Split): number => intrinsicMs(split) + split.loopWaitMs;

export type Shares = {
  readonly cpu: number;
  readonly loopWait: number;
  readonly external: number;
  readonly downstream: Readonly<Record<string, number>>;
};

/**
 * Only the first wait for the loop is measured: who comes back from outside, `visits` times in all,
 * waits as long again each time, and that looks like time outside. Here it is counted as the wait
 * that it is, as far as both are more than in a calm request.
 */
export const withLaterWaits = (split: Split, calm: Calm | undefined, visits: number): Split => {
  const usual = calm?.split;
  const firstWait = Math.max(0, split.loopWaitMs - (usual?.loopWaitMs ?? 0));
  const outside = Math.max(0, split.externalMs - (usual?.externalMs ?? 0));
  const laterWaits = Math.min(outside, firstWait * Math.max(0, visits - 1));
  if (laterWaits === 0) return split;
  return {
    ...split,
    loopWaitMs: split.loopWaitMs + laterWaits,
    externalMs: split.externalMs - laterWaits,
  };
};

/** Where the time beyond a calm request goes, each part 0–1; without a baseline, all the time. */
export const sharesOfExcess = (split: Split, calm: Calm | undefined): Shares => {
  const usual = calm?.split;
  const excess = {
    cpu: Math.max(0, split.cpuMs - (usual?.cpuMs ?? 0)),
    loopWait: Math.max(0, split.loopWaitMs - (usual?.loopWaitMs ?? 0)),
    external: Math.max(0, split.externalMs - (usual?.externalMs ?? 0)),
  };
  const waits = Object.entries(split.downstreamMs).map(
    ([callee, wait]) => [callee, Math.max(0, wait - (usual?.downstreamMs[callee] ?? 0))] as const,
  );
  const own = excess.cpu + excess.loopWait + excess.external;
  const total = Math.max(1e-9, own + waits.reduce((sum, [, wait]) => sum + wait, 0));
  return {
    cpu: excess.cpu / total,
    loopWait: excess.loopWait / total,
    external: excess.external / total,
    downstream: Object.fromEntries(waits.map(([callee, wait]) => [callee, wait / total])),
  };
};
