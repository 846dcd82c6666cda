import type { AutopilotMode } from './autopilot.ts';
import type { BreakerStatus } from './call-policy.ts';
import type { SparseCounts } from './histogram.ts';
import type { Severity } from './severity.ts';
import type { WorkerStatus } from './topology.ts';

/** What became of the events of one name that a service emitted; of its messages the name is ''. */
export type EventCount = {
  readonly event: string;
  readonly emitted: number;
  /** Subscriber → its copies. */
  readonly to: Readonly<Record<string, DeliveryCount>>;
};

export type DeliveryCount = {
  readonly delivered: number;
  /** It failed, or its worker died with it. */
  readonly failed: number;
  /** There was no room for it. */
  readonly dropped: number;
};

/** Upper bounds of the buckets in which durations are counted, up to that of Prometheus' own 10 s. */
export const durationBoundsMs = [
  0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000,
] as const;

/**
 * What became of the calls of one method, the requests of one raw route, or the events of one name;
 * `http` is what the ingress answered by one route.
 */
export type MethodCount = {
  readonly kind: 'call' | 'route' | 'raw' | 'http' | 'request' | 'message' | 'event' | 'broadcast';
  readonly method: string;
  readonly calls: number;
  /** The answer was no: a 4xx. */
  readonly refused: number;
  readonly failed: number;
  /** Those of the failed that were not let in, as there was more to do than the service can. */
  readonly overloaded?: number;
  readonly totalMs: number;
  /** How many fell between two bounds; the last is above all of them. */
  readonly buckets: readonly number[];
};

/** What one service did inside one worker during `periodMs`. All times are sums in ms. */
export type ServiceSample = {
  readonly service: string;
  readonly arrivals: number;
  readonly completions: number;
  readonly errors: number;
  readonly inFlight: number;
  /** Time the service's own code held the event loop. */
  readonly cpuMs: number;
  /** Receipt to first slice, summed over requests. */
  readonly loopWaitMs: number;
  /** Receipt to answer, summed over completed requests. */
  readonly totalMs: number;
  readonly latency: SparseCounts;
  /** The same less the wait to be taken up. */
  readonly intrinsic?: SparseCounts;
  readonly latencyMaxMs: number;
  readonly slices: {
    readonly count: number;
    readonly maxMs: number;
    readonly sumOfSquaresMs2: number;
  };
  /** How long each of the answered requests held the event loop, in all of its slices together. */
  readonly held?: {
    readonly count: number;
    /** How often all of them came to the loop. */
    readonly visits: number;
    readonly sumMs: number;
    readonly sumOfSquaresMs2: number;
  };
  /** Awaited waits on other services. */
  readonly downstream: Readonly<
    Record<
      string,
      { readonly calls: number; readonly waitMs: number; readonly outstanding: number }
    >
  >;
  readonly events?: readonly EventCount[];
  readonly methods?: readonly MethodCount[];
};

/** One worker's report, once a period. */
export type WorkerSample = {
  readonly at: number;
  readonly periodMs: number;
  /** CPU of the process, 0–100 of one core (may pass 100 with helper threads). */
  readonly cpu: number;
  readonly eventLoopUtilization: number;
  /** The longest time in which the event loop did not turn, if over 50 ms; absent where that is not watched. */
  readonly eventLoopDelayMs?: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  /** Buffers and what else lies outside of the heap. */
  readonly externalBytes?: number;
  /** Time that the garbage collector took in the period. */
  readonly gcMs?: number;
  /** What is called with a breaker, a service or `service.method` → how the breaker is. */
  readonly breakers?: Readonly<Record<string, BreakerStatus>>;
  /** Those that did nothing, have nothing under way and never called anybody are left out. */
  readonly services: readonly ServiceSample[];
};

export type Latency = {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
};

export type WorkerView = {
  readonly id: string;
  readonly pid: number;
  readonly status: WorkerStatus;
  readonly cpu: number;
  readonly eventLoopUtilization: number;
  readonly eventLoopDelayMs?: number;
  readonly rssBytes: number;
  readonly pending: number;
  readonly restarts: number;
  readonly startedAt: string;
  /** A reload has replaced it, and it is only kept at hand while the new ones bake. */
  readonly standby?: true;
  /** What held its event loop lately, innermost function first. */
  readonly stalledIn?: string;
};

/** A service over the last window (10 s), merged over its workers. */
export type ServiceStatus = {
  readonly name: string;
  readonly group: string;
  /** Where clients find it, when it is a command that serves any. */
  readonly port?: number;
  readonly colocatedWith: readonly string[];
  readonly status: WorkerStatus;
  readonly severity: Severity;
  /** Why it failed, when it did. */
  readonly reason?: string;
  readonly workers: readonly WorkerView[];
  /** Per worker, 0–100 of one core. */
  readonly cpu: number;
  readonly memoryBytes: number;
  readonly pending: number;
  readonly requestsPerSecond: number;
  readonly errorRate: number;
  readonly latencyMs: Latency;
};

/** `forge status --json` and what the console draws. */
export type Status = {
  readonly version: 1;
  readonly app: string;
  readonly at: string;
  /** What is wrong with the app as a whole, however well its services are. */
  readonly problem?: string;
  readonly supervisor: {
    readonly pid: number;
    readonly startedAt: string;
    readonly adoptedWorkers: number;
    /** Of threadforge; unknown of the past, like the load and the start of the machine. */
    readonly version?: string;
  };
  readonly machine: {
    readonly name: string;
    readonly startedAt?: string;
    /** Threads that ran or waited for a core, on average over the last minute. */
    readonly load?: number;
    readonly cores: number;
    readonly cpu: number;
    readonly memoryBytes: number;
    readonly memoryUsedBytes: number;
  };
  /** Whether it acts by itself now, by the config or by an operator's word. */
  readonly autopilot?: { readonly mode: AutopilotMode };
  readonly services: readonly ServiceStatus[];
};
