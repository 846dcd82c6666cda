import { Counter, Gauge, Registry } from 'prom-client';
import type { Status, WorkerSample } from '../../protocol/metrics.ts';

/** One endpoint for the whole app. Counters live here, so that no restart of a worker sets them back. */
export class Prometheus {
  readonly #registry = new Registry();
  readonly #requests = this.#counter('forge_requests_total', 'Requests answered');
  readonly #errors = this.#counter('forge_errors_total', 'Requests that failed');
  readonly #seconds = this.#counter('forge_request_seconds_total', 'Time spent on requests');
  readonly #latency = this.#gauge('forge_request_duration_seconds', 'Latency, last 10 s', [
    'service',
    'quantile',
  ]);
  readonly #cpu = this.#gauge('forge_cpu_percent', 'Of one core, per worker', ['service']);
  readonly #pending = this.#gauge('forge_pending', 'Requests without answer', ['service']);
  readonly #memory = this.#gauge('forge_memory_bytes', 'Resident memory', ['service']);
  readonly #workers = this.#gauge('forge_workers', 'Workers by status', ['service', 'status']);

  count({ services }: WorkerSample): void {
    for (const { service, completions, errors, totalMs } of services) {
      this.#requests.inc({ service }, completions);
      this.#errors.inc({ service }, errors);
      this.#seconds.inc({ service }, totalMs / 1_000);
    }
  }

  text({ services }: Status): Promise<string> {
    this.#workers.reset();
    for (const { name: service, latencyMs, ...figures } of services) {
      this.#cpu.set({ service }, figures.cpu);
      this.#pending.set({ service }, figures.pending);
      this.#memory.set({ service }, figures.memoryBytes);
      for (const { status } of figures.workers) this.#workers.inc({ service, status });
      for (const [quantile, value] of [
        ['0.5', latencyMs.p50],
        ['0.9', latencyMs.p90],
        ['0.99', latencyMs.p99],
      ] as const) {
        this.#latency.set({ service, quantile }, value / 1_000);
      }
    }
    return this.#registry.metrics();
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name, help, labelNames: ['service'], registers: [this.#registry] });
  }

  #gauge(name: string, help: string, labelNames: string[]): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }
}
