import { Histogram } from '../../../protocol/histogram.ts';
import type { ServiceSample } from '../../../protocol/metrics.ts';
import { EventMeter } from '../../events/event-meter.ts';
import type { Held } from '../../request-context.ts';
import type { CallMeter } from '../calls.ts';
import { type MethodCounter, MethodMeter } from './method-meter.ts';
import { SlowCalls } from './slow-calls.ts';

/** Calls to one other service. */
type Edge = {
  calls: number;
  waitMs: number;
  outstanding: number;
  readonly awaited: CallMeter;
  readonly posted: CallMeter;
};

/** What is known of the time of one request: it waited to be taken up, and held the event loop. */
type Spent = {
  readonly waitedMs?: number;
  readonly held?: Readonly<Pick<Held, 'ms' | 'visits'>>;
};

const unknown: Spent = {};

/** Counts what one service does in this worker; `take` answers a period and begins the next. */
export class ServiceMeter {
  readonly service: string;
  readonly events = new EventMeter();
  readonly methods = new MethodMeter();
  readonly slow = new SlowCalls();
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
  #held = { count: 0, visits: 0, sumMs: 0, sumOfSquaresMs2: 0 };

  constructor(service: string) {
    this.service = service;
  }

  /** Requests that it has taken up and not answered. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** A request was taken up, this long after its caller sent it. */
  arrived(loopWaitMs: number): void {
    this.#arrivals += 1;
    this.#inFlight += 1;
    this.#loopWaitMs += Math.max(0, loopWaitMs);
  }

  answered(totalMs: number, failed: boolean, { waitedMs = 0, held }: Spent = unknown): void {
    this.#inFlight -= 1;
    if (failed) this.#errors += 1;
    this.#latency.recordMs(Math.max(0, totalMs));
    this.#intrinsic.recordMs(Math.max(0, totalMs - Math.max(0, waitedMs)));
    if (held === undefined) return;
    this.#held.count += 1;
    this.#held.visits += held.visits;
    this.#held.sumMs += held.ms;
    this.#held.sumOfSquaresMs2 += held.ms * held.ms;
  }

  /** An answer of this method that was counted did not reach who asked for it, or not all of it. */
  answerLost(method: MethodCounter): void {
    this.#errors += 1;
    method.answerLost();
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
   * Counts calls to another service that somebody awaits. What an answer waited for this process is
   * wait for the event loop here, and no slowness of the callee.
   */
  awaiting(callee: string): CallMeter {
    return this.#edgeTo(callee).awaited;
  }

  /** Counts what is posted to another service: it is under way there, and nobody here waits for it. */
  posting(callee: string): CallMeter {
    return this.#edgeTo(callee).posted;
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
      held: this.#held,
      ...this.#takeNamed(),
      downstream: Object.fromEntries(
        [...this.#edges].map(([to, { calls, waitMs, outstanding }]) => [
          to,
          { calls, waitMs, outstanding },
        ]),
      ),
    };
    this.#reset();
    return sample;
  }

  #takeNamed(): Pick<ServiceSample, 'events' | 'methods'> {
    const events = this.events.take();
    const methods = this.methods.take();
    return {
      ...(events.length > 0 ? { events } : {}),
      ...(methods.length > 0 ? { methods } : {}),
    };
  }

  #reset(): void {
    this.slow.turn();
    this.#latency.reset();
    this.#intrinsic.reset();
    this.#arrivals = 0;
    this.#errors = 0;
    this.#cpuMs = 0;
    this.#loopWaitMs = 0;
    this.#slices = { count: 0, maxMs: 0, sumOfSquaresMs2: 0 };
    this.#held = { count: 0, visits: 0, sumMs: 0, sumOfSquaresMs2: 0 };
    for (const edge of this.#edges.values()) {
      edge.calls = 0;
      edge.waitMs = 0;
    }
  }

  #edgeTo(callee: string): Edge {
    const known = this.#edges.get(callee);
    if (known !== undefined) return known;
    const began = (): void => {
      edge.calls += 1;
      edge.outstanding += 1;
    };
    const edge: Edge = {
      calls: 0,
      waitMs: 0,
      outstanding: 0,
      posted: {
        began,
        ended: () => {
          edge.outstanding -= 1;
        },
      },
      awaited: {
        began,
        ended: (tookMs, waitedMs) => {
          edge.outstanding -= 1;
          edge.waitMs += Math.max(0, tookMs - waitedMs);
          this.#loopWaitMs += waitedMs;
        },
      },
    };
    this.#edges.set(callee, edge);
    return edge;
  }
}
