import type { Registry } from 'prom-client';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import type { EventCount, MethodCount, ServiceSample } from '../../protocol/metrics.ts';
import { BucketHistogram } from './bucket-histogram.ts';
import { BoundedLabels } from './labels.ts';

const byMethod = ['service', 'kind', 'method'];
const byEvent = ['service', 'event'];
const byProxy = ['service', 'to'];

/** Each method, route, event and proxy call of every service, summed over all workers there ever were. */
export class CallMetrics {
  readonly #registry: Registry;
  readonly #durations = new BucketHistogram({
    name: 'forge_call_duration_seconds',
    help: 'From the moment a call was sent until it was answered',
  });
  readonly #calls: Counter;
  readonly #emitted: Counter;
  readonly #deliveries: Counter;
  readonly #proxyCalls: Counter;
  readonly #proxyWait: Counter;
  readonly #outstanding: Gauge;
  readonly #methods = new BoundedLabels(['method']);
  readonly #events = new BoundedLabels(['event']);
  readonly #subscribers = new BoundedLabels(['event', 'to']);
  readonly #proxies = new BoundedLabels(['to']);
  /** Worker → caller and callee → calls without answer. */
  readonly #open = new Map<string, ReadonlyMap<string, number>>();

  constructor(registry: Registry) {
    this.#registry = registry;
    registry.registerMetric(this.#durations.toMetric());
    this.#calls = this.#counter('forge_calls_total', 'Calls of a method', [...byMethod, 'outcome']);
    this.#emitted = this.#counter('forge_events_emitted_total', 'Events published', byEvent);
    this.#deliveries = this.#counter('forge_events_total', 'What became of each copy of an event', [
      ...byEvent,
      'to',
      'outcome',
    ]);
    this.#proxyCalls = this.#counter('forge_proxy_calls_total', 'Calls to another', byProxy);
    this.#proxyWait = this.#counter('forge_proxy_wait_seconds_total', 'Waited for it', byProxy);
    const help = 'Calls to another service that have no answer yet';
    const name = 'forge_proxy_outstanding';
    this.#outstanding = new Gauge({ name, help, labelNames: byProxy, registers: [registry] });
  }

  count(workerId: string, services: readonly ServiceSample[]): void {
    const open = new Map<string, number>();
    for (const { service, methods = [], events = [], downstream } of services) {
      for (const each of methods) this.#countMethod(service, each);
      for (const each of events) this.#countEvent(service, each);
      for (const [to, { calls, waitMs, outstanding }] of Object.entries(downstream)) {
        const labels = this.#proxies.within({ service, to });
        this.#proxyCalls.inc(labels, calls);
        this.#proxyWait.inc(labels, waitMs / 1_000);
        open.set(JSON.stringify(labels), outstanding);
      }
    }
    this.#open.set(workerId, open);
  }

  /** Forgets what was open in workers that are no more. */
  keepOnly(workerIds: ReadonlySet<string>): void {
    for (const id of this.#open.keys()) if (!workerIds.has(id)) this.#open.delete(id);
  }

  /** What is open now. */
  refresh(): void {
    this.#outstanding.reset();
    for (const labels of this.#proxies.known()) this.#outstanding.set(labels, 0);
    for (const open of this.#open.values()) {
      for (const [labels, count] of open) this.#outstanding.inc(JSON.parse(labels), count);
    }
  }

  #countMethod(service: string, { kind, method, ...count }: MethodCount): void {
    const labels = this.#methods.within({ service, kind, method });
    // An answer may be lost when the call that it was to has long been counted.
    const ok = Math.max(0, count.calls - count.refused - count.failed);
    this.#calls.inc({ ...labels, outcome: 'ok' }, ok);
    this.#calls.inc({ ...labels, outcome: 'refused' }, count.refused);
    const { failed, overloaded = 0 } = count;
    this.#calls.inc({ ...labels, outcome: 'failed' }, failed - overloaded);
    if (overloaded > 0) this.#calls.inc({ ...labels, outcome: 'overloaded' }, overloaded);
    this.#durations.add(labels, count);
  }

  #countEvent(service: string, { event, emitted, to }: EventCount): void {
    if (emitted > 0) this.#emitted.inc(this.#events.within({ service, event }), emitted);
    for (const [subscriber, outcomes] of Object.entries(to)) {
      const labels = this.#subscribers.within({ service, event, to: subscriber });
      for (const outcome of ['delivered', 'failed', 'dropped'] as const) {
        this.#deliveries.inc({ ...labels, outcome }, outcomes[outcome]);
      }
    }
  }

  #counter(name: string, help: string, labelNames: readonly string[]): Counter {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }
}
