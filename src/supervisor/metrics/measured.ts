import type { Latency } from '../../protocol/metrics.ts';
import type { WorkerStatus } from '../../protocol/topology.ts';
import type { Bytes } from '../../protocol/units.ts';

/** What the engine knows of a service, as far as figures need it. */
export type MeasuredService = {
  readonly name: string;
  readonly group: string;
  readonly colocatedWith: readonly string[];
  readonly isCommand?: true;
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly memoryLimit?: Bytes;
  /** An answer that takes longer is a bad one; absent where they are not counted. */
  readonly slowFromMs?: number;
  readonly workers: readonly {
    readonly id: string;
    readonly pid: number;
    readonly status: WorkerStatus;
    /** Milliseconds since the epoch. */
    readonly startedAt: number;
    readonly stalledIn?: string;
  }[];
};

export type ServiceFigures = {
  readonly cpu: number;
  readonly busyPerWorker: readonly number[];
  readonly memoryBytes: number;
  readonly pending: number;
  readonly requestsPerSecond: number;
  readonly errorRate: number;
  readonly latencyMs: Latency;
};

export type WorkerFigures = {
  readonly cpu: number;
  readonly eventLoopUtilization: number;
  readonly eventLoopDelayMs?: number;
  readonly rssBytes: number;
  readonly pending: number;
};
