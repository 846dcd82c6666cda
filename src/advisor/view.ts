import type { Latency } from '../protocol/metrics.ts';
import { type Instant, type Millis, type Percent, seconds } from '../protocol/units.ts';

/** A view spans so much time: what lasted a moment is seen for as long, and a mean lags behind. */
export const viewWindowMs = seconds(5);

/** One service over the last seconds, merged over its ready workers: what the advisor sees. */
export type ServiceView = {
  readonly service: string;
  readonly group: string;
  readonly colocatedWith: readonly string[];
  /** A program of its own, which cannot share a process. */
  readonly isCommand?: true;
  /** Ready workers. */
  readonly workers: number;
  readonly minWorkers: number;
  readonly maxWorkers: number;
  /** Age of the youngest worker, up to a minute. */
  readonly youngestMs: number;
  /** How long its workers took to start lately; absent until one was seen to. */
  readonly startupMs?: Millis;
  /** Highest first: max(CPU, event-loop utilisation) of each worker process, 0–100. */
  readonly busyPerWorker: readonly Percent[];
  readonly cpuPerWorker: Percent;
  /** Run-queue wait over wall time of the busiest worker, 0–1. */
  readonly starvation: number;
  readonly arrivalsPerSecond: number;
  readonly completionsPerSecond: number;
  /** Requests of the last second alone; absent where only the mean of the window is known. */
  readonly lastSecond?: {
    readonly arrivals: number;
    readonly completions: number;
    /** Absent when nothing was answered. */
    readonly p99Ms?: number;
    /** Part of the answers that were errors, 0–1; absent where that is not known. */
    readonly errorRate?: number;
    /** Part of the answers that took longer than the critical line of P99, 0–1; absent when none did. */
    readonly slowRate?: number;
  };
  /** Part of the answers that were errors, 0–1. */
  readonly errorRate: number;
  readonly latencyMs: Latency;
  /** P99 without the wait to be taken up by a worker; absent where that is not measured. */
  readonly intrinsicP99Ms?: number;
  /** Per completed request, ms, which sum to the mean latency. */
  readonly split: {
    readonly cpuMs: number;
    readonly loopWaitMs: number;
    readonly downstreamMs: Readonly<Record<string, number>>;
    readonly externalMs: number;
    /** How many calls of each callee one request makes; absent where that is not counted. */
    readonly calls?: Readonly<Record<string, number>>;
  };
  /** This service's own synchronous slices. */
  readonly slices: {
    readonly perSecond: number;
    readonly maxMs: number;
    readonly sumOfSquaresMs2PerSecond: number;
  };
  /** The longest time in which a loop of its own did not turn; absent where that is not watched. */
  readonly eventLoopDelayMs?: number;
  /** What held one lately, innermost function first; absent unless it was seen. */
  readonly stalledIn?: string;
  /** How long one request holds the loop, in all of its slices; absent where that is not measured. */
  readonly held?: {
    readonly meanMs: number;
    readonly meanSquareMs2: number;
    /** How often it comes to the loop, and may wait for it. */
    readonly visits: number;
  };
  readonly pending: number;
  readonly memoryMbPerWorker: number;
  /** The process that takes most, which its mean may hide; absent in what older versions recorded. */
  readonly largestWorker?: { readonly id: string; readonly memoryMb: number };
  /** What its config lets a process take; absent without a limit. */
  readonly memoryLimitMb?: number;
};

export type View = {
  readonly at: Instant;
  readonly machine: {
    readonly cores: number;
    /** 0–100 of all cores; undefined until two readings exist. */
    readonly cpu?: Percent;
    /** Part of the periods of its CPU quota in which that was used up, 0–1; absent without one. */
    readonly throttled?: number;
    readonly memoryFreeBytes: number;
  };
  readonly services: readonly ServiceView[];
};

export const servicesByName = ({ services }: View): ReadonlyMap<string, ServiceView> =>
  new Map(services.map((one) => [one.service, one]));

/** Cores that the services use, each its own part of a shared process. */
export const ownCoresIn = ({ services }: View): number =>
  services.reduce((sum, one) => sum + one.cpuPerWorker * one.workers, 0) / 100;

/** The services of one group. */
export type Members = readonly [ServiceView, ...ServiceView[]];

/** Of all services once a second, and not of each by each. */
export const groupsOf = ({ services }: View): ReadonlyMap<string, Members> => {
  const groups = new Map<string, [ServiceView, ...ServiceView[]]>();
  for (const service of services) {
    const members = groups.get(service.group);
    if (members === undefined) groups.set(service.group, [service]);
    else members.push(service);
  }
  return groups;
};
