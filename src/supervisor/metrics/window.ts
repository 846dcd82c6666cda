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
  /** Over the requests of which it is measured. */
  readonly held: NonNullable<ServiceSample['held']>;
  /** Callee → awaited wait. */
  readonly downstreamMs: Readonly<Record<string, number>>;
  /** Callee → calls that began. */
  readonly calls: Readonly<Record<string, number>>;
};

type Stamped = { readonly receivedAt: number; readonly sample: WorkerSample };

const keptMs = 70_000;
/** A worker that misses three samples is not idle: its event loop is blocked. */
const silentMs = 3_500;
/** From this utilisation on a worker's own loop is what its calls wait for. */
const saturated = 0.9;

/** The samples of one worker over the last minute. */
export class WorkerWindow {
  #samples: Stamped[] = [];
  /** The last period that was asked for: several figures of a moment are of the same one. */
  #last: { readonly from: number; readonly to: number; readonly found: WorkerSample[] } | undefined;
  /** Since when it has been the same sample again and again: that of a worker that rests. */
  #sameSince = Number.POSITIVE_INFINITY;

  add(sample: WorkerSample, receivedAt: number): void {
    this.#last = undefined;
    if (this.latest?.sample !== sample) this.#sameSince = receivedAt;
    this.#samples.push({ receivedAt, sample });
    while ((this.#samples[0]?.receivedAt ?? receivedAt) < receivedAt - keptMs)
      this.#samples.shift();
  }

  shift(byMs: Millis): void {
    this.#last = undefined;
    this.#sameSince += byMs;
    this.#samples = this.#samples.map(({ receivedAt, sample }) => ({
      receivedAt: receivedAt + byMs,
      sample,
    }));
  }

  get latest(): Stamped | undefined {
    return this.#samples.at(-1);
  }

  isSilent(at: number): boolean {
    return this.latest !== undefined && at - this.latest.receivedAt > silentMs;
  }

  /** The one sample that was heard again and again since then. */
  sameSince(from: number): WorkerSample | undefined {
    return this.#sameSince <= from ? this.latest?.sample : undefined;
  }

  /** Received after `from` and up to `to`, oldest first. */
  between(from: number, to: number): readonly WorkerSample[] {
    if (this.#last?.from === from && this.#last.to === to) return this.#last.found;
    const found: WorkerSample[] = [];
    for (let index = this.#firstAfter(from); index < this.#samples.length; index += 1) {
      const one = this.#samples[index];
      if (one !== undefined && one.receivedAt <= to) found.push(one.sample);
    }
    this.#last = { from, to, found };
    return found;
  }

  /** From the end backwards, as most periods are short. */
  #firstAfter(from: number): number {
    let first = this.#samples.length;
    while (first > 0 && (this.#samples[first - 1]?.receivedAt ?? from) > from) first -= 1;
    return first;
  }
}

/**
 * In one pass, as it is done for each service several times a second; by index, as an iterator
 * would be more garbage than the sums.
 */
export const sumOf = (service: string, samples: readonly WorkerSample[]): Sums => {
  const sums = emptySums();
  for (let index = 0; index < samples.length; index += 1) {
    const { periodMs = 0, services = [] } = samples[index] ?? {};
    sums.periodMs += periodMs;
    for (let of = 0; of < services.length; of += 1) {
      const sample = services[of];
      if (sample?.service === service && !isQuiet(sample)) add(sums, sample);
    }
  }
  return sums;
};

/** Of one service: over all of its workers, and over each. */
export type Summed = { readonly all: Sums; readonly each: readonly Sums[] };

/** Of the samples of each worker. */
export const sumEach = (service: string, samples: readonly (readonly WorkerSample[])[]): Summed => {
  const each = samples.map((own) => sumOf(service, own));
  const [only, ...others] = each;
  const all = only !== undefined && others.length === 0 ? only : sumOf(service, samples.flat());
  return { all, each };
};

/** There is nothing in it to add: most services are idle in most seconds. */
const isQuiet = ({ arrivals, latency, slices, loopWaitMs, downstream }: ServiceSample): boolean => {
  if (arrivals > 0 || latency.length > 0 || slices.count > 0 || loopWaitMs > 0) return false;
  for (const _callee in downstream) return false;
  return true;
};

type Growing<T> = { -readonly [K in keyof T]: T[K] };
type GrowingSums = Growing<Omit<Sums, 'slices' | 'held' | 'downstreamMs' | 'calls'>> & {
  readonly slices: Growing<Sums['slices']>;
  readonly held: Growing<Sums['held']>;
  readonly downstreamMs: Record<string, number>;
  readonly calls: Record<string, number>;
};

const emptySums = (): GrowingSums => ({
  periodMs: 0,
  arrivals: 0,
  completions: 0,
  errors: 0,
  cpuMs: 0,
  loopWaitMs: 0,
  totalMs: 0,
  latency: new Histogram(),
  intrinsic: new Histogram(),
  slices: { count: 0, maxMs: 0, sumOfSquaresMs2: 0 },
  held: { count: 0, visits: 0, sumMs: 0, sumOfSquaresMs2: 0 },
  downstreamMs: {},
  calls: {},
});

const add = (sums: GrowingSums, sample: ServiceSample): void => {
  sums.arrivals += sample.arrivals;
  sums.completions += sample.completions;
  sums.errors += sample.errors;
  sums.cpuMs += sample.cpuMs;
  sums.loopWaitMs += sample.loopWaitMs;
  sums.totalMs += sample.totalMs;
  sums.latency.add(sample.latency, sample.latencyMaxMs);
  if (sample.intrinsic !== undefined) sums.intrinsic.add(sample.intrinsic);
  sums.slices.count += sample.slices.count;
  sums.slices.maxMs = Math.max(sums.slices.maxMs, sample.slices.maxMs);
  sums.slices.sumOfSquaresMs2 += sample.slices.sumOfSquaresMs2;
  if (sample.held !== undefined) {
    sums.held.count += sample.held.count;
    sums.held.visits += sample.held.visits;
    sums.held.sumMs += sample.held.sumMs;
    sums.held.sumOfSquaresMs2 += sample.held.sumOfSquaresMs2;
  }
  for (const [callee, { waitMs, calls }] of Object.entries(sample.downstream)) {
    sums.downstreamMs[callee] = (sums.downstreamMs[callee] ?? 0) + waitMs;
    sums.calls[callee] = (sums.calls[callee] ?? 0) + calls;
  }
};

export const meanOf = (
  samples: readonly WorkerSample[],
  pick: (sample: WorkerSample) => number,
): number => {
  let time = 0;
  let sum = 0;
  for (let index = 0; index < samples.length; index += 1) {
    const sample = samples[index];
    if (sample === undefined) continue;
    time += sample.periodMs;
    sum += pick(sample) * sample.periodMs;
  }
  return time === 0 ? 0 : sum / time;
};

/** Mean milliseconds of one request; what neither code, loop nor callees explain is external. */
export const splitOf = (sums: Sums): ServiceView['split'] => {
  const count = Math.max(1, sums.completions);
  const downstreamMs = eachOver(sums.downstreamMs, count);
  const awaited = Object.values(downstreamMs).reduce((sum, wait) => sum + wait, 0);
  const cpuMs = sums.cpuMs / count;
  const loopWaitMs = sums.loopWaitMs / count;
  const externalMs = Math.max(0, sums.totalMs / count - cpuMs - loopWaitMs - awaited);
  // Over the requests that began: while a callee is slow, calls of more of them begin than end.
  const calls = eachOver(sums.calls, Math.max(1, sums.arrivals));
  return { cpuMs, loopWaitMs, downstreamMs, externalMs, calls };
};

const eachOver = (
  sums: Readonly<Record<string, number>>,
  count: number,
): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(sums).map(([callee, sum]) => [callee, sum / count]));

/** Of requests whose workers tell it: their P99 without a wait, and how they hold the loop. */
export const whereMeasured = ({
  intrinsic,
  held,
}: Sums): Pick<ServiceView, 'intrinsicP99Ms' | 'held'> => {
  const { count, visits, sumMs, sumOfSquaresMs2 } = held;
  return {
    ...(intrinsic.count > 0 && { intrinsicP99Ms: intrinsic.quantileMs(0.99) }),
    ...(count > 0 && {
      held: {
        meanMs: sumMs / count,
        meanSquareMs2: sumOfSquaresMs2 / count,
        visits: visits / count,
      },
    }),
  };
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

export const errorRateOf = ({ errors, completions }: Sums): number =>
  completions === 0 ? 0 : Math.min(1, errors / completions);

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

/** Of the last sample of each worker. */
export const lastSecondOf = (
  { all, each }: Summed,
  slowFromMs = Number.POSITIVE_INFINITY,
): NonNullable<ServiceView['lastSecond']> => {
  const slowRate = all.latency.shareFrom(slowFromMs);
  return {
    arrivals: perSecond(each, ({ arrivals }) => arrivals),
    completions: perSecond(each, ({ completions }) => completions),
    ...(all.latency.count > 0 && {
      p99Ms: all.latency.quantileMs(0.99),
      errorRate: errorRateOf(all),
    }),
    ...(slowRate > 0 && { slowRate }),
  };
};
