import { type ServiceView, type View, viewWindowMs } from '../advisor/view.ts';
import { Histogram } from '../protocol/histogram.ts';
import { defaultThresholds } from '../protocol/thresholds.ts';
import { type Instant, instant, ms, percent } from '../protocol/units.ts';
import type { Engine } from './engine/engine.ts';
import { type Group, type Member, takeMeter } from './engine/group.ts';
import type { Meter } from './engine/meter.ts';
import type { Worker } from './engine/worker.ts';

/** Any full ten seconds: the advisor keeps stretches of ten. */
export const beginning = instant(1_700_000_000_000);
const kept = viewWindowMs / 1_000;

type Seen = { readonly busy: number[]; readonly cpu: number[]; starvation: number };

/** Looks at a simulated app once a second, as the supervisor looks at a real one. */
export class Observer {
  readonly #engine: Engine;
  readonly #meters = new Map<Member, Meter[]>();
  readonly #workers = new Map<Worker, Seen>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** To be asked for after each second. */
  view(): View {
    const { app, groups, othersCores } = this.#engine;
    let used = othersCores * 1_000;
    for (const { workers } of groups.values()) {
      for (const worker of workers) used += this.#sample(worker);
    }
    const services = app.services.map(({ name }) => this.#viewOf(this.#engine.member(name)));
    const memoryMb = services.reduce((sum, one) => sum + one.memoryMbPerWorker * one.workers, 0);
    return {
      at: this.#at,
      machine: {
        cores: app.cores,
        cpu: percent(Math.min(100, used / 10 / app.cores)),
        memoryFreeBytes: Math.max(0, app.memoryMb - memoryMb) * 1024 ** 2,
      },
      services,
    };
  }

  get #at(): Instant {
    return instant(beginning + this.#engine.now);
  }

  /** CPU of this second, in ms. */
  #sample(worker: Worker): number {
    const seen = this.#workers.get(worker) ?? { busy: [], cpu: [], starvation: 0 };
    this.#workers.set(worker, seen);
    const cpuMs = worker.status === 'starting' ? 1_000 : worker.busyMs - worker.starvedMs;
    push(seen.busy, worker.busyMs / 10);
    push(seen.cpu, cpuMs / 10);
    seen.starvation = Math.min(1, worker.starvedMs / 1_000);
    worker.busyMs = 0;
    worker.starvedMs = 0;
    return cpuMs;
  }

  #viewOf(member: Member): ServiceView {
    const { service } = member;
    const group = this.#engine.groupFor(service.name);
    const meters = this.#meters.get(member) ?? [];
    this.#meters.set(member, meters);
    push(meters, takeMeter(member));
    return {
      ...this.#placeOf(member, group),
      ...ratesOf(meters),
      pending: member.pending,
    };
  }

  #placeOf(
    { service }: Member,
    { name, members, ready }: Group,
  ): Pick<
    ServiceView,
    | 'service'
    | 'group'
    | 'colocatedWith'
    | 'workers'
    | 'minWorkers'
    | 'maxWorkers'
    | 'youngestMs'
    | 'startupMs'
    | 'busyPerWorker'
    | 'cpuPerWorker'
    | 'starvation'
    | 'memoryMbPerWorker'
    | 'largestWorker'
  > {
    const seen = ready.map((worker) => this.#workers.get(worker));
    const ages = ready.map(({ startedAt }) => this.#engine.now - startedAt);
    const sizes = ages.map((age) => service.memoryMb(age / 1_000));
    const largest = sizes.indexOf(Math.max(...sizes));
    return {
      service: service.name,
      group: name,
      colocatedWith: members.flatMap((one) => (one.service === service ? [] : [one.service.name])),
      workers: ready.length,
      minWorkers: service.minWorkers,
      maxWorkers: service.maxWorkers,
      youngestMs: Math.min(Number.MAX_SAFE_INTEGER, ...ages),
      startupMs: ms(this.#engine.app.startDelayMs),
      busyPerWorker: seen.map((one) => percent(mean(one?.busy ?? []))).toSorted((a, b) => b - a),
      cpuPerWorker: percent(mean(seen.map((one) => mean(one?.cpu ?? [])))),
      starvation: Math.max(0, ...seen.map((one) => one?.starvation ?? 0)),
      memoryMbPerWorker: mean(sizes),
      largestWorker: { id: `${name}#${largest + 1}`, memoryMb: sizes[largest] ?? 0 },
    };
  }
}

const ratesOf = (
  meters: readonly Meter[],
): Pick<
  ServiceView,
  | 'arrivalsPerSecond'
  | 'completionsPerSecond'
  | 'lastSecond'
  | 'errorRate'
  | 'latencyMs'
  | 'split'
  | 'slices'
  | 'held'
> => {
  const add = (pick: (meter: Meter) => number): number =>
    meters.reduce((sum, meter) => sum + pick(meter), 0);
  const latency = new Histogram();
  for (const meter of meters) latency.add(meter.latency.toSparse(), meter.latency.maxMs);
  const last = meters.at(-1);
  const answered = add(({ completions }) => completions);
  return {
    arrivalsPerSecond: add(({ arrivals }) => arrivals) / meters.length,
    completionsPerSecond: add(({ completions }) => completions) / meters.length,
    lastSecond: {
      arrivals: last?.arrivals ?? 0,
      completions: last?.completions ?? 0,
      ...(last !== undefined && last.completions > 0 && { p99Ms: last.latency.quantileMs(0.99) }),
      ...slowIn(last?.latency),
    },
    errorRate: 0,
    latencyMs: {
      p50: latency.quantileMs(0.5),
      p90: latency.quantileMs(0.9),
      p99: latency.quantileMs(0.99),
      max: latency.maxMs,
    },
    split: splitOf(meters, add),
    slices: {
      perSecond: add(({ slices }) => slices) / meters.length,
      maxMs: Math.max(...meters.map(({ maxSliceMs }) => maxSliceMs)),
      sumOfSquaresMs2PerSecond: add(({ squaresMs2 }) => squaresMs2) / meters.length,
    },
    ...(answered > 0 && {
      held: {
        visits: add(({ slices }) => slices) / answered,
        meanMs: add(({ heldMs }) => heldMs) / answered,
        meanSquareMs2: add(({ heldMs2 }) => heldMs2) / answered,
      },
    }),
  };
};

const slowIn = (latency = new Histogram()): { readonly slowRate?: number } => {
  const slowRate = latency.shareFrom(defaultThresholds.latencyP99.critical);
  return slowRate === 0 ? {} : { slowRate };
};

const splitOf = (
  meters: readonly Meter[],
  add: (pick: (meter: Meter) => number) => number,
): ServiceView['split'] => {
  const count = Math.max(
    1,
    add(({ completions }) => completions),
  );
  const arrivals = Math.max(
    1,
    add((meter) => meter.arrivals),
  );
  const downstreamMs: Record<string, number> = {};
  const calls: Record<string, number> = {};
  for (const meter of meters) {
    for (const [callee, waitMs] of Object.entries(meter.downstreamMs)) {
      downstreamMs[callee] = (downstreamMs[callee] ?? 0) + waitMs / count;
    }
    for (const [callee, made] of Object.entries(meter.calls)) {
      calls[callee] = (calls[callee] ?? 0) + made / arrivals;
    }
  }
  const awaited = Object.values(downstreamMs).reduce((sum, wait) => sum + wait, 0);
  const cpuMs = add((meter) => meter.cpuMs) / count;
  const loopWaitMs = add((meter) => meter.loopWaitMs) / count;
  const totalMs = add((meter) => meter.totalMs) / count;
  return {
    cpuMs,
    loopWaitMs,
    downstreamMs,
    externalMs: Math.max(0, totalMs - cpuMs - loopWaitMs - awaited),
    calls,
  };
};

const push = <T>(ring: T[], value: T): void => {
  ring.push(value);
  if (ring.length > kept) ring.shift();
};

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
