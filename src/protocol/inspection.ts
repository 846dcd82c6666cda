import type { BreakerStatus } from './call-policy.ts';

/** One service looked into: what the console asks for only while it is open. */
export type Inspection = {
  readonly service: string;
  /** The last 60 s: how many requests took at most so long, and longer than the bucket before. */
  readonly latency: readonly LatencyBucket[];
  /** Mean milliseconds of one request, by where they went. */
  readonly split: {
    readonly cpuMs: number;
    readonly loopWaitMs: number;
    readonly downstreamMs: number;
    readonly otherMs: number;
  };
  readonly workers: readonly InspectedWorker[];
  /** Who calls it, and whom it calls, over the last 60 s. */
  readonly calls: readonly CallFigures[];
  readonly settings: readonly InspectedSetting[];
};

export type LatencyBucket = { readonly upToMs: number; readonly count: number };

export type InspectedWorker = {
  readonly id: string;
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
  readonly heapUsedBytes: number;
  /** Of the last 60 s that the garbage collector took; an older worker does not say. */
  readonly gcPercent?: number;
};

export type CallFigures = {
  readonly from: string;
  readonly to: string;
  readonly perSecond: number;
  /** What the caller waited, on the average. */
  readonly meanMs: number;
  readonly outstanding: number;
  /** The worst of those of the callers' workers, where there are any. */
  readonly breaker?: BreakerStatus;
};

export type InspectedSetting = {
  readonly key: string;
  readonly value: unknown;
  /** An operator changed it against the config. */
  readonly isOperators: boolean;
};

/** Upper ends of the buckets; the last one takes whatever is slower. */
export const latencyEdgesMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000] as const;
