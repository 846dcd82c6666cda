import { type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import type { ServiceSample, WorkerSample } from '../../../protocol/metrics.ts';
import { isOutOfDescriptors } from '../../channel/descriptors.ts';
import { LoopDelay } from './loop-delay.ts';
import type { ServiceMeter } from './service-meter.ts';

/** Measures this process over the periods between two `take`s. */
export class ProcessMeter {
  #cpu = process.cpuUsage();
  #loop = performance.eventLoopUtilization();
  #at = performance.now();
  #memory = process.memoryUsage();
  #gcMs = 0;
  #delay: LoopDelay | undefined;
  readonly #collections = new PerformanceObserver((list) => this.#count(list.getEntries()));

  constructor() {
    this.#collections.observe({ entryTypes: ['gc'] });
  }

  /** From now on: while a process starts, nobody waits for its loop. */
  watchLoop(): void {
    this.#delay ??= new LoopDelay();
  }

  take(meters: Iterable<ServiceMeter>): WorkerSample {
    const at = performance.now();
    const cpu = process.cpuUsage();
    const loop = performance.eventLoopUtilization();
    const periodMs = Math.max(1, at - this.#at);
    const cpuMs = (cpu.user - this.#cpu.user + cpu.system - this.#cpu.system) / 1_000;
    const { utilization } = performance.eventLoopUtilization(loop, this.#loop);
    this.#cpu = cpu;
    this.#loop = loop;
    this.#at = at;
    const { rss, heapUsed, external } = this.#readMemory();
    this.#count(this.#collections.takeRecords());
    const gcMs = this.#gcMs;
    this.#gcMs = 0;
    return {
      at: Date.now(),
      periodMs,
      cpu: (cpuMs / periodMs) * 100,
      eventLoopUtilization: utilization,
      ...(this.#delay && { eventLoopDelayMs: this.#delay.take(utilization * periodMs) }),
      rssBytes: rss,
      heapUsedBytes: heapUsed,
      externalBytes: external,
      gcMs,
      services: [...meters].map((meter) => meter.take()).filter(hasNews),
    };
  }

  #count(collections: readonly PerformanceEntry[]): void {
    for (const { duration } of collections) this.#gcMs += duration;
  }

  /** As it was when it could be read last: that takes a descriptor. */
  #readMemory(): NodeJS.MemoryUsage {
    try {
      this.#memory = process.memoryUsage();
    } catch (error) {
      if (!isOutOfDescriptors(error)) throw error;
    }
    return this.#memory;
  }
}

/**
 * Of most services there is nothing to tell in most periods. Whom a service calls, and how its breakers
 * are, is shown also when it has not called for a while.
 */
const hasNews = (sample: ServiceSample): boolean => {
  const { arrivals, completions, errors, inFlight, cpuMs, loopWaitMs, events, methods } = sample;
  const counted = [arrivals, completions, errors, inFlight, cpuMs, loopWaitMs];
  if (counted.some((each) => each !== 0)) return true;
  if (events !== undefined || methods !== undefined) return true;
  return Object.keys(sample.downstream).length > 0;
};
