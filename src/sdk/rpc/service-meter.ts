import { Histogram } from '../../protocol/histogram.ts';
import type { ServiceSample } from '../../protocol/metrics.ts';

type Edge = { calls: number; waitMs: number; outstanding: number };

/** Counts what one service does in this worker; `take` answers a period and begins the next. */
export class ServiceMeter {
  readonly service: string;
  readonly #latency = new Histogram();
  /** Without the wait to be taken up: what it would take in a worker with nothing else to do. */
  readonly #intrinsic = new Histogram();
  readonly #edges = new Map<string, Edge>();
  #inFlight = 0;
  #arrivals = 0;
  #errors = 0;
  #cpuMs = 0;
  #loopWaitMs = 0;
  #slices = { count: 0, maxMs: 0, sumOfSquaresMs2: 0 };

  constructor(service: string) {
    this.service = service;
  }

  /** A request was taken up, this long after its caller sent it. */
  arrived(loopWaitMs: number): void {
    this.#arrivals += 1;
    this.#inFlight += 1;
    this.#loopWaitMs += Math.max(0, loopWaitMs);
  }

  /** Part of its time it waited to be taken up. */
  answered(totalMs: number, failed: boolean, waitedMs = 0): void {
    this.#inFlight -= 1;
    if (failed) this.#errors += 1;
    this.#latency.recordMs(Math.max(0, totalMs));
    this.#intrinsic.recordMs(Math.max(0, totalMs - Math.max(0, waitedMs)));
  }

  /** It went elsewhere: as if it had not come. */
  withdrawn(): void {
    this.#arrivals -= 1;
    this.#inFlight -= 1;
  }

  /** The service held the event loop for so long without giving it back. */
  slice(durationMs: number): void {
    const slices = this.#slices;
    this.#cpuMs += durationMs;
    slices.count += 1;
    slices.sumOfSquaresMs2 += durationMs * durationMs;
    if (durationMs > slices.maxMs) slices.maxMs = durationMs;
  }

  /**
   * Counts an awaited call to another service. What its answer waited for this process is wait for
   * the event loop here, and no slowness of the callee.
   */
  async awaiting<T>(
    callee: string,
    call: (onReply: (waitedMs: number) => void) => Promise<T>,
  ): Promise<T> {
    const edge = this.#edgeTo(callee);
    const startedAt = performance.now();
    let waitedMs = 0;
    edge.calls += 1;
    edge.outstanding += 1;
    try {
      return await call((waited) => {
        waitedMs = waited;
      });
    } finally {
      edge.outstanding -= 1;
      edge.waitMs += Math.max(0, performance.now() - startedAt - waitedMs);
      this.#loopWaitMs += waitedMs;
    }
  }

  /** Counts what is posted to another service: it is under way there, and nobody here waits for it. */
  async posting<T>(callee: string, call: () => Promise<T>): Promise<T> {
    const edge = this.#edgeTo(callee);
    edge.calls += 1;
    edge.outstanding += 1;
    try {
      return await call();
    } finally {
      edge.outstanding -= 1;
    }
  }

  take(): ServiceSample {
    const latency = this.#latency;
    const sample: ServiceSample = {
      service: this.service,
      arrivals: Math.max(0, this.#arrivals),
      completions: latency.count,
      errors: this.#errors,
      inFlight: this.#inFlight,
      cpuMs: this.#cpuMs,
      loopWaitMs: this.#loopWaitMs,
      totalMs: latency.sumMs,
      latency: latency.toSparse(),
      intrinsic: this.#intrinsic.toSparse(),
      latencyMaxMs: latency.maxMs,
      slices: this.#slices,
      downstream: Object.fromEntries([...this.#edges].map(([to, edge]) => [to, { ...edge }])),
    };
    this.#reset();
    return sample;
  }

  #reset(): void {
    this.#latency.reset();
    this.#intrinsic.reset();
    this.#arrivals = 0;
    this.#errors = 0;
    this.#cpuMs = 0;
    this.#loopWaitMs = 0;
    this.#slices = { count: 0, maxMs: 0, sumOfSquaresMs2: 0 };
    for (const edge of this.#edges.values()) {
      edge.calls = 0;
      edge.waitMs = 0;
    }
  }

  #edgeTo(callee: string): Edge {
    const known = this.#edges.get(callee);
    if (known !== undefined) return known;
    const edge = { calls: 0, waitMs: 0, outstanding: 0 };
    this.#edges.set(callee, edge);
    return edge;
  }
}
