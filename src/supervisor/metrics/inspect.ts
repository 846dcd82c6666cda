import { type BreakerStatus, breakerStatuses } from '../../protocol/call-policy.ts';
import type { Histogram } from '../../protocol/histogram.ts';
import {
  type CallFigures,
  type Inspection,
  type LatencyBucket,
  latencyEdgesMs,
} from '../../protocol/inspection.ts';
import type { WorkerSample } from '../../protocol/metrics.ts';
import { sumOf } from './window.ts';

export type WorkerSamples = { readonly id: string; readonly samples: readonly WorkerSample[] };

export type Inspected = Omit<Inspection, 'settings'>;

/** A service over the samples that are given: its own workers', and those of everybody. */
export const inspect = (
  service: string,
  own: readonly WorkerSamples[],
  everybody: readonly WorkerSamples[],
): Inspected => {
  const sums = sumOf(
    service,
    own.flatMap(({ samples }) => samples),
  );
  const count = Math.max(1, sums.completions);
  const awaited = Object.values(sums.downstreamMs).reduce((sum, wait) => sum + wait, 0);
  const explained = sums.cpuMs + sums.loopWaitMs + awaited;
  return {
    service,
    latency: bucketsOf(sums.latency),
    split: {
      cpuMs: sums.cpuMs / count,
      loopWaitMs: sums.loopWaitMs / count,
      downstreamMs: awaited / count,
      otherMs: Math.max(0, sums.totalMs - explained) / count,
    },
    // Of one that has said nothing yet nothing is known; that is not the same as nothing.
    workers: own
      .filter(({ samples }) => samples.length > 0)
      .map((worker) => workerOf(service, worker)),
    calls: callsOf(everybody).filter(({ from, to }) => from === service || to === service),
  };
};

const bucketsOf = (latency: Histogram): readonly LatencyBucket[] => {
  const below = [...latencyEdgesMs.map((edge) => latency.countUpTo(edge)), latency.count];
  return below.map((count, index) => ({
    upToMs: latencyEdgesMs[index] ?? Math.max(latency.maxMs, latencyEdgesMs.at(-1) ?? 0),
    count: count - (below[index - 1] ?? 0),
  }));
};

const workerOf = (service: string, { id, samples }: WorkerSamples) => {
  const { completions, periodMs, latency } = sumOf(service, samples);
  const collected = samples.flatMap(({ gcMs }) => gcMs ?? []);
  const gcMs = collected.reduce((sum, each) => sum + each, 0);
  return {
    id,
    requestsPerSecond: periodMs === 0 ? 0 : (completions * 1_000) / periodMs,
    p99Ms: latency.quantileMs(0.99),
    heapUsedBytes: samples.at(-1)?.heapUsedBytes ?? 0,
    ...(collected.length === 0 ? {} : { gcPercent: (100 * gcMs) / Math.max(1, periodMs) }),
  };
};

type Wait = Omit<CallFigures, 'meanMs' | 'breaker'> & {
  readonly calls: number;
  readonly waitMs: number;
  readonly breakers: readonly BreakerStatus[];
};

/** Every pair of caller and callee. A rate is a worker's own: it may have come only now. */
const callsOf = (everybody: readonly WorkerSamples[]): readonly CallFigures[] => {
  const pairs = Map.groupBy(everybody.flatMap(waitsOf), ({ from, to }) => `${from} ${to}`);
  return [...pairs.values()].flatMap((waits) => {
    const add = (pick: (wait: Wait) => number) => waits.reduce((sum, each) => sum + pick(each), 0);
    const [first] = waits;
    if (first === undefined) return [];
    return {
      from: first.from,
      to: first.to,
      perSecond: add(({ perSecond }) => perSecond),
      meanMs:
        add(({ waitMs }) => waitMs) /
        Math.max(
          1,
          add(({ calls }) => calls),
        ),
      outstanding: add(({ outstanding }) => outstanding),
      ...worstOf(waits.flatMap(({ breakers }) => breakers)),
    };
  });
};

const waitsOf = ({ samples }: WorkerSamples): readonly Wait[] => {
  const periodMs = samples.reduce((sum, sample) => sum + sample.periodMs, 0);
  return samples.flatMap(({ services, breakers = {} }, index) => {
    // These are of now, and not of the minute.
    const isNow = index === samples.length - 1;
    return services.flatMap(({ service, downstream }) =>
      Object.entries(downstream).map(([to, { calls, waitMs, outstanding }]) => ({
        from: service,
        to,
        calls,
        waitMs,
        outstanding: isNow ? outstanding : 0,
        perSecond: (calls * 1_000) / Math.max(1, periodMs),
        breakers: isNow ? statusesTowards(to, breakers) : [],
      })),
    );
  });
};

/** Of the whole service and of its methods. */
const statusesTowards = (
  to: string,
  breakers: NonNullable<WorkerSample['breakers']>,
): readonly BreakerStatus[] =>
  Object.entries(breakers).flatMap(([target, status]) =>
    target === to || target.startsWith(`${to}.`) ? status : [],
  );

const worstOf = (statuses: readonly BreakerStatus[]): Pick<CallFigures, 'breaker'> => {
  const breaker = breakerStatuses.findLast((status) => statuses.includes(status));
  return breaker === undefined ? {} : { breaker };
};
