import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Registry from 'prom-client/lib/registry.js';
import type { Status, WorkerSample } from '../../protocol/metrics.ts';
import { CallMetrics } from './call-metrics.ts';

/** One endpoint for the whole app. Counters live here, so that no restart of a worker sets them back. */
export class Prometheus {
  readonly #registry = new Registry();
  /** Of how it is now: they say nothing of a service or worker that is no more. */
  readonly #gauges: Gauge[] = [];
  readonly #requests = this.#counter('forge_requests_total', 'Requests answered');
  readonly #errors = this.#counter('forge_errors_total', 'Requests that failed');
  readonly #seconds = this.#counter('forge_request_seconds_total', 'Time spent on requests');
  readonly #latency = this.#gauge('forge_request_duration_seconds', 'Latency, last 10 s', [
    'service',
    'percentile',
  ]);
  readonly #cpu = this.#gauge('forge_cpu_percent', 'Of one core, per worker', ['service']);
  readonly #pending = this.#gauge('forge_pending', 'Requests without answer', ['service']);
  readonly #memory = this.#gauge('forge_memory_bytes', 'Resident memory', ['service']);
  readonly #workers = this.#gauge('forge_workers', 'Workers by status', ['service', 'status']);
  readonly #workerCpu = this.#ofWorker('forge_worker_cpu_percent', 'Of one core');
  readonly #workerMemory = this.#ofWorker('forge_worker_memory_bytes', 'Resident memory');
  readonly #workerPending = this.#ofWorker('forge_worker_pending', 'Requests without answer');
  readonly #workerRestarts = this.#ofWorker('forge_worker_restarts', 'Times it was started again');
  readonly #workerLoop = this.#ofWorker(
    'forge_worker_event_loop_utilization',
    'Part of the time in which its event loop was busy, 0 to 1',
  );
  readonly #workerDelay = this.#ofWorker(
    'forge_worker_event_loop_delay_seconds',
    'Longest time in which its event loop did not turn, last 10 s',
  );
  readonly #calls = new CallMetrics(this.#registry);

  count(workerId: string, { services }: WorkerSample): void {
    for (const { service, completions, errors, totalMs } of services) {
      this.#requests.inc({ service }, completions);
      this.#errors.inc({ service }, errors);
      this.#seconds.inc({ service }, totalMs / 1_000);
    }
    this.#calls.count(workerId, services);
  }

  /** Forgets what workers that are no more had under way; what they counted stays. */
  keepOnly(workerIds: ReadonlySet<string>): void {
    this.#calls.keepOnly(workerIds);
  }

  text({ services }: Status): Promise<string> {
    for (const gauge of this.#gauges) gauge.reset();
    for (const { name: service, latencyMs, ...figures } of services) {
      for (const counter of [this.#requests, this.#errors, this.#seconds]) {
        counter.inc({ service }, 0);
      }
      this.#cpu.set({ service }, figures.cpu);
      this.#pending.set({ service }, figures.pending);
      this.#memory.set({ service }, figures.memoryBytes);
      for (const { status } of figures.workers) this.#workers.inc({ service, status });
      for (const [percentile, value] of [
        ['50', latencyMs.p50],
        ['90', latencyMs.p90],
        ['99', latencyMs.p99],
      ] as const) {
        this.#latency.set({ service, percentile }, value / 1_000);
      }
    }
    this.#setWorkers(services);
    this.#calls.refresh();
    return this.#registry.metrics();
  }

  /** Colocated services name the same worker: it is set once more, to the same. */
  #setWorkers(services: Status['services']): void {
    for (const { id: worker, ...figures } of services.flatMap(({ workers }) => workers)) {
      this.#workerCpu.set({ worker }, figures.cpu);
      this.#workerMemory.set({ worker }, figures.rssBytes);
      this.#workerPending.set({ worker }, figures.pending);
      this.#workerRestarts.set({ worker }, figures.restarts);
      this.#workerLoop.set({ worker }, figures.eventLoopUtilization);
      const { eventLoopDelayMs } = figures;
      if (eventLoopDelayMs !== undefined)
        this.#workerDelay.set({ worker }, eventLoopDelayMs / 1_000);
    }
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name, help, labelNames: ['service'], registers: [this.#registry] });
  }

  #ofWorker(name: string, help: string): Gauge {
    return this.#gauge(name, help, ['worker']);
  }

  #gauge(name: string, help: string, labelNames: string[]): Gauge {
    const gauge = new Gauge({ name, help, labelNames, registers: [this.#registry] });
    this.#gauges.push(gauge);
    return gauge;
  }
}
