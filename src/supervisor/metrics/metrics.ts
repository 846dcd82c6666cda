import { type ServiceView, type View, viewWindowMs } from '../../advisor/view.ts';
import type { ServiceHistory } from '../../protocol/control/messages.ts';
import type { WorkerSample } from '../../protocol/metrics.ts';
import { type Bytes, instant, type Millis, percent } from '../../protocol/units.ts';
import { youngestMs } from './age.ts';
import { Held } from './held.ts';
import { type Inspected, inspect, type WorkerSamples } from './inspect.ts';
import { longestDelayOf, toLoopView } from './loop-delay.ts';
import type { MachineFigures } from './machine.ts';
import type { MeasuredService, ServiceFigures, WorkerFigures } from './measured.ts';
import { toMemoryView } from './memory-view.ts';
import { RunQueue } from './run-queue.ts';
import { Samples } from './samples.ts';
import { Sparklines } from './sparklines.ts';
import { Startups } from './startups.ts';
import {
  errorRateOf,
  lastSecondOf,
  meanOf,
  perSecond,
  type Summed,
  splitOf,
  sumEach,
  sumOf,
  toLatency,
  whereMeasured,
} from './window.ts';

type Identified = readonly { readonly id: string }[];
type Ready = MeasuredService['workers'];
/** What nobody measures: it is known. */
type Known = Pick<ServiceView, 'youngestMs' | 'startupMs'>;
type Period = { readonly at: number; readonly overMs: number };

/** What people read is of so many of the last milliseconds. */
export const shownMs = 10_000;
const memoryMs = 60_000;
/** A loop that fills is seen at once: the mean over a longer time would cross its line late. */
const busyWindowMs = 2_000;
/** Percent of one core. */
const idleBelow = 5;

type MeasuredMachine = Omit<MachineFigures, 'name' | 'startedAt' | 'load'>;

/** Merges what workers report into figures of services, for people and for the advisor. */
export class Metrics {
  readonly #samples = new Samples();
  readonly #sparklines = new Sparklines();
  readonly #runQueue = new RunQueue();
  readonly #startups = new Startups();
  readonly #ofWorkers = new Held<WorkerFigures>();
  readonly #ofServices = new Held<ServiceFigures>();
  readonly #views = new Held<ServiceView>();

  report(workerId: string, sample: WorkerSample, at: number): void {
    this.#samples.add(workerId, sample, at);
  }

  /** The clock was set by so much. */
  shift(byMs: Millis): void {
    this.#samples.shift(byMs);
  }

  /** Forgets workers that are no more. */
  keepOnly(workerIds: ReadonlySet<string>): void {
    if (!this.#samples.keepOnly(workerIds)) return;
    for (const held of [this.#ofWorkers, this.#ofServices, this.#views]) held.clear();
  }

  worker(workerId: string, at: number): WorkerFigures {
    const resting = this.#samples.sameSince([{ id: workerId }], at, at - shownMs);
    return this.#ofWorkers.get(workerId, resting, () => this.#workerNow(workerId, at));
  }

  #workerNow(workerId: string, at: number): WorkerFigures {
    const samples = this.#samplesBy(workerId, at, shownMs);
    const latest = samples.at(-1);
    return {
      cpu: meanOf(samples, ({ cpu }) => cpu),
      eventLoopUtilization: meanOf(samples, (sample) => sample.eventLoopUtilization),
      ...longestDelayOf(samples),
      rssBytes: this.#rssOf(workerId, at),
      pending: latest?.services.reduce((sum, { inFlight }) => sum + inFlight, 0) ?? 0,
    };
  }

  /** What 95 % of the samples of these workers stayed under in the last minute. */
  memoryOf(workerIds: readonly string[], at: number): Bytes | undefined {
    const sizes = workerIds
      .flatMap((id) => this.#samplesBy(id, at, memoryMs))
      .map(({ rssBytes }) => rssBytes);
    return sizes.toSorted((a, b) => a - b)[Math.ceil(sizes.length * 0.95) - 1];
  }

  /** Over the last ten seconds, as people read them. */
  figures(service: MeasuredService, at: number): ServiceFigures {
    return this.#figuresOver(service, at, shownMs);
  }

  history(service: string): ServiceHistory {
    return this.#sparklines.of(service);
  }

  inspect({ name, workers }: MeasuredService, at: number): Inspected {
    const samplesOf = (id: string): WorkerSamples => ({
      id,
      samples: this.#samplesBy(id, at, memoryMs),
    });
    return inspect(
      name,
      workers.map(({ id }) => samplesOf(id)),
      this.#samples.ids.map(samplesOf),
    );
  }

  /** Once a second: one more point for each sparkline. */
  tick(services: readonly MeasuredService[], at: number): void {
    for (const service of services) {
      const { busyPerWorker, latencyMs } = this.#figuresOver(service, at, 1_500);
      this.#sparklines.add(service.name, { busy: mean(busyPerWorker), p99Ms: latencyMs.p99 });
    }
  }

  /** As the advisor sees it. A worker that still starts, or leaves, is not yet, or no longer, measured. */
  view(services: readonly MeasuredService[], machine: MeasuredMachine, at: number): View {
    return {
      at: instant(at),
      machine: {
        cores: machine.cores,
        ...(machine.cpu === undefined ? {} : { cpu: percent(machine.cpu) }),
        ...(machine.throttled === undefined ? {} : { throttled: machine.throttled }),
        memoryFreeBytes: machine.memoryBytes - machine.memoryUsedBytes,
      },
      services: services.map((service) => this.#viewOf(service, at)),
    };
  }

  #viewOf(service: MeasuredService, at: number): ServiceView {
    const ready = service.workers.filter(({ status }) => status === 'ready');
    const startupMs = this.#startups.of(service, at);
    const youngest = youngestMs(ready, at);
    const known: Known = { youngestMs: youngest, ...(startupMs !== undefined && { startupMs }) };
    const resting = this.#resting(service.name, ready, at);
    const { group, minWorkers, maxWorkers, memoryLimit, slowFromMs } = service;
    const together = service.colocatedWith.join();
    const rules = [group, together, minWorkers, maxWorkers, memoryLimit, slowFromMs];
    const stalls = ready.map(({ stalledIn }) => stalledIn);
    const of = resting && [...resting, ...rules, ...stalls, youngest, startupMs];
    const make = (): ServiceView => ({ ...this.#measured(service, ready, at), ...known });
    return this.#views.get(service.name, of, make);
  }

  #measured(service: MeasuredService, ready: Ready, at: number): Omit<ServiceView, keyof Known> {
    const measured = { ...service, workers: ready };
    const summed = this.#sumsOver(measured, at, viewWindowMs);
    const { all: sums, each } = summed;
    const figures = this.#figuresOf(measured, summed, { at, overMs: viewWindowMs });
    const sizes = ready.map(({ id }) => ({ id, rssBytes: this.#rssOf(id, at) }));
    return {
      service: service.name,
      group: service.group,
      colocatedWith: service.colocatedWith,
      ...(service.isCommand === undefined ? {} : { isCommand: service.isCommand }),
      workers: ready.length,
      minWorkers: service.minWorkers,
      maxWorkers: service.maxWorkers,
      busyPerWorker: ready
        .map(({ id }) => percent(this.#busyOf(id, at, busyWindowMs)))
        .toSorted((a, b) => b - a),
      cpuPerWorker: percent(figures.cpu),
      starvation: Math.max(0, ...ready.map(({ id, pid }) => this.#starvationOf(id, pid, at))),
      arrivalsPerSecond: perSecond(each, ({ arrivals }) => arrivals),
      completionsPerSecond: figures.requestsPerSecond,
      lastSecond: lastSecondOf(this.#latestOf(measured), service.slowFromMs),
      errorRate: figures.errorRate,
      latencyMs: figures.latencyMs,
      ...whereMeasured(sums),
      split: splitOf(sums),
      slices: {
        perSecond: perSecond(each, ({ slices }) => slices.count),
        maxMs: sums.slices.maxMs,
        sumOfSquaresMs2PerSecond: perSecond(each, ({ slices }) => slices.sumOfSquaresMs2),
      },
      ...toLoopView(measured, (id) => this.#samplesBy(id, at, viewWindowMs)),
      pending: figures.pending,
      ...toMemoryView(sizes, service.memoryLimit),
    };
  }

  #figuresOver(service: MeasuredService, at: number, overMs: number): ServiceFigures {
    const { name, workers, colocatedWith } = service;
    const resting = this.#resting(name, workers, at);
    const of = resting && [...resting, colocatedWith.length];
    return this.#ofServices.get(name, of, () =>
      this.#figuresOf(service, this.#sumsOver(service, at, overMs), { at, overMs }),
    );
  }

  /** What each of these said, if each has rested for as long as anything is shown, and nobody waits for it. */
  #resting(name: string, workers: Identified, at: number): readonly WorkerSample[] | undefined {
    const isAwaited = this.#samples.outstandingOf(name) > 0;
    return isAwaited ? undefined : this.#samples.sameSince(workers, at, at - shownMs);
  }

  #figuresOf(service: MeasuredService, { all, each }: Summed, when: Period): ServiceFigures {
    const { at, overMs } = when;
    const ids = service.workers.map(({ id }) => id);
    return {
      cpu: mean(ids.map((id) => this.#cpuOf(service, id, when))),
      busyPerWorker: ids.map((id) => this.#busyOf(id, at, overMs)).toSorted((a, b) => b - a),
      memoryBytes: ids.reduce((sum, id) => sum + this.#rssOf(id, at), 0),
      pending: this.#pendingOf(service.name, ids),
      requestsPerSecond: perSecond(each, ({ completions }) => completions),
      errorRate: errorRateOf(all),
      latencyMs: toLatency(all),
    };
  }

  #rssOf(id: string, at: number): number {
    const latest = this.#samples.of(id)?.latest;
    return latest !== undefined && latest.receivedAt > at - shownMs ? latest.sample.rssBytes : 0;
  }

  /** Who has next to nothing to do does not wait for a core to do it. */
  #starvationOf(id: string, pid: number, at: number): number {
    const isIdle = this.#busyOf(id, at, busyWindowMs) < idleBelow;
    return isIdle ? 0 : this.#runQueue.starvation(pid, at);
  }

  /** A lone service has its process for itself; a colocated one is charged for its own slices. */
  #cpuOf(service: MeasuredService, id: string, { at, overMs }: Period): number {
    const samples = this.#samplesBy(id, at, overMs);
    if (service.colocatedWith.length === 0) return meanOf(samples, ({ cpu }) => cpu);
    const { cpuMs, periodMs } = sumOf(service.name, samples);
    return periodMs === 0 ? 0 : (cpuMs / periodMs) * 100;
  }

  #busyOf(id: string, at: number, overMs: number): number {
    const window = this.#samples.of(id);
    if (window?.isSilent(at)) return 100;
    const samples = this.#samplesBy(id, at, overMs);
    const loop = meanOf(samples, (sample) => sample.eventLoopUtilization) * 100;
    return Math.min(
      100,
      Math.max(
        loop,
        meanOf(samples, ({ cpu }) => cpu),
      ),
    );
  }

  /**
   * Callers know what a blocked worker does not: which calls still wait in its socket. A caller
   * that is saturated itself does not: the answers to its calls may wait in its own.
   */
  #pendingOf(service: string, ids: readonly string[]): number {
    const inFlight = ids
      .flatMap((id) => this.#samples.of(id)?.latest?.sample.services ?? [])
      .filter((one) => one.service === service)
      .reduce((sum, one) => sum + one.inFlight, 0);
    return Math.max(inFlight, this.#samples.outstandingOf(service));
  }

  #sumsOver({ name, workers }: MeasuredService, at: number, overMs: number): Summed {
    const samples = workers.map(({ id }) => this.#samplesBy(id, at, overMs));
    return sumEach(name, samples);
  }

  /** The last sample of each worker: a second of it, though not all of the same one. */
  #latestOf({ name, workers }: MeasuredService): Summed {
    const samples = workers.flatMap(({ id }) => {
      const latest = this.#samples.of(id)?.latest;
      return latest === undefined ? [] : [[latest.sample]];
    });
    return sumEach(name, samples);
  }

  #samplesBy(id: string, at: number, overMs: number): readonly WorkerSample[] {
    return this.#samples.of(id)?.between(at - overMs, at) ?? [];
  }
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
