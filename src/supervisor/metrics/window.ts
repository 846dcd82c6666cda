import type { ServiceView } from '../../advisor/view.ts';
import { Histogram } from '../../protocol/histogram.ts';
import type { Latency, ServiceSample, WorkerSample } from '../../protocol/metrics.ts';
import type { Millis } from '../../protocol/units.ts';

/** Sums of one service over a window, over the workers that were given. */
export type Sums = {
  readonly periodMs: number;
  readonly arrivals: number;
  readonly completions: number;
  readonly errors: number;
  readonly cpuMs: number;
  readonly loopWaitMs: number;
  readonly totalMs: number;
  readonly latency: Histogram;
  /** Empty when no worker measures it. */
  readonly intrinsic: Histogram;
  readonly slices: {
    readonly count: number;
    readonly maxMs: number;
    readonly sumOfSquaresMs2: number;
  };
  /** Callee → awaited wait. */
  readonly downstreamMs: Readonly<Record<string, number>>;
};

type Stamped = { readonly receivedAt: number; readonly sample: WorkerSample };

const keptMs = 70_000;
/** From this utilisation on a worker's own loop is what its calls wait for. */
const saturated = 0.9;

/** The samples of one worker over the last minute. */
export class WorkerWindow {
  #samples: Stamped[] = [];

  add(sample: WorkerSample, receivedAt: number): void {
    this.#samples.push({ receivedAt, sample });
    while ((this.#samples[0]?.receivedAt ?? receivedAt) < receivedAt - keptMs)
      this.#samples.shift();
  }

  shift(byMs: Millis): void {
    this.#samples = this.#samples.map(({ receivedAt, sample }) => ({
      receivedAt: receivedAt + byMs,
      sample,
    }));
  }

  get latest(): Stamped | undefined {
    return this.#samples.at(-1);
  }

  /** Received after `from` and up to `to`, oldest first. */
  between(from: number, to: number): readonly WorkerSample[] {
    const first = this.#samples.findLastIndex(({ receivedAt }) => receivedAt <= from) + 1;
    return this.#samples
      .slice(first)
      .flatMap(({ receivedAt, sample }) => (receivedAt <= to ? [sample] : []));
  }
}

export const sumOf = (service: string, samples: readonly WorkerSample[]): Sums => {
  const own = samples.flatMap((sample) => sample.services.filter((one) => one.service === service));
  const add = (pick: (sample: ServiceSample) => number): number =>
    own.reduce((sum, sample) => sum + pick(sample), 0);
  const latency = new Histogram();
  const intrinsic = new Histogram();
  for (const sample of own) {
    latency.add(sample.latency, sample.latencyMaxMs);
    intrinsic.add(sample.intrinsic ?? []);
  }
  return {
    periodMs: samples.reduce((sum, { periodMs }) => sum + periodMs, 0),
    arrivals: add((sample) => sample.arrivals),
    completions: add((sample) => sample.completions),
    errors: add((sample) => sample.errors),
    cpuMs: add((sample) => sample.cpuMs),
    loopWaitMs: add((sample) => sample.loopWaitMs),
    totalMs: add((sample) => sample.totalMs),
    latency,
    intrinsic,
    slices: {
      count: add((sample) => sample.slices.count),
      maxMs: own.reduce((max, sample) => Math.max(max, sample.slices.maxMs), 0),
      sumOfSquaresMs2: add((sample) => sample.slices.sumOfSquaresMs2),
    },
    downstreamMs: downstreamOf(own),
  };
};

const downstreamOf = (own: readonly ServiceSample[]): Readonly<Record<string, number>> => {
  const waits: Record<string, number> = {};
  for (const { downstream } of own) {
    for (const [callee, { waitMs }] of Object.entries(downstream)) {
      waits[callee] = (waits[callee] ?? 0) + waitMs;
    }
  }
  return waits;
};

export const meanOf = (
  samples: readonly WorkerSample[],
  pick: (sample: WorkerSample) => number,
): number => {
  const time = samples.reduce((sum, { periodMs }) => sum + periodMs, 0);
  if (time === 0) return 0;
  return samples.reduce((sum, sample) => sum + pick(sample) * sample.periodMs, 0) / time;
};

/** Mean milliseconds of one request; what neither code, loop nor callees explain is external. */
export const splitOf = (sums: Sums): ServiceView['split'] => {
  const count = Math.max(1, sums.completions);
  const downstreamMs = Object.fromEntries(
    Object.entries(sums.downstreamMs).map(([callee, waitMs]) => [callee, waitMs / count]),
  );
  const awaited = Object.values(downstreamMs).reduce((sum, wait) => sum + wait, 0);
  const cpuMs = sums.cpuMs / count;
  const loopWaitMs = sums.loopWaitMs / count;
  const externalMs = Math.max(0, sums.totalMs / count - cpuMs - loopWaitMs - awaited);
  return { cpuMs, loopWaitMs, downstreamMs, externalMs };
};

/** Calls to each callee that its callers wait for. */
export const outstandingIn = (workers: readonly WorkerWindow[]): ReadonlyMap<string, number> => {
  const calls = new Map<string, number>();
  const samples = workers.flatMap(({ latest }) => latest?.sample ?? []);
  for (const { services } of samples.filter((one) => one.eventLoopUtilization < saturated)) {
    for (const { downstream } of services) {
      for (const [callee, { outstanding }] of Object.entries(downstream)) {
        calls.set(callee, (calls.get(callee) ?? 0) + outstanding);
      }
    }
  }
  return calls;
};

/** Each worker over its own period: one that has just come does not raise the rate of the others. */
export const perSecond = (workers: readonly Sums[], pick: (sums: Sums) => number): number =>
  workers.reduce(
    (sum, worker) => sum + (worker.periodMs === 0 ? 0 : (pick(worker) * 1_000) / worker.periodMs),
    0,
  );

export const toLatency = ({ latency }: Sums): Latency => ({
  p50: latency.quantileMs(0.5),
  p90: latency.quantileMs(0.9),
  p99: latency.quantileMs(0.99),
  max: latency.maxMs,
});
