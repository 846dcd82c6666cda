import { Histogram } from '../protocol/histogram.ts';
import { badAllowed } from './capacity.ts';
import { type Change, changesPerHour } from './changes.ts';
import { simulatedService } from './engine/app.ts';
import { Engine } from './engine/engine.ts';
import { Observer } from './observe.ts';
import type { Policy } from './policies/policy.ts';
import { roomFor, type Setup, stepsOf } from './setup.ts';
import { rateAt, secondsOf, type Trace } from './trace.ts';

/** How a policy did. */
export type Outcome = {
  /** Requests that were slower than the objective. */
  readonly badShare: number;
  /** Minutes in which more than one of a hundred was. */
  readonly sloMinutes: number;
  readonly coreHours: number;
  readonly actionsPerHour: number;
  readonly reversalsPerHour: number;
  readonly p99Ms: number;
  readonly changes: readonly Change[];
};

export type Run = {
  readonly trace: Trace;
  readonly setup: Setup;
  readonly policy: Policy;
  readonly workers: number;
};

/** Serves a whole trace, second by second, with the number of workers that a policy wants. */
export const simulate = ({ trace, setup, policy, workers }: Run): Outcome => {
  const service = simulatedService('service', {
    steps: stepsOf(setup),
    cv2: setup.cv2,
    workers,
    minWorkers: setup.minWorkers,
    maxWorkers: setup.maxWorkers,
  });
  const tally = new Tally(setup.sloMs);
  const engine = new Engine({
    app: { ...roomFor(setup), services: [service] },
    seed: setup.seed,
    onAnswered: (_member, latencyMs) => tally.answered(latencyMs),
  });
  const observer = new Observer(engine);
  const changes: Change[] = [];
  const seconds = secondsOf(trace);
  let ordered = workers;
  for (let second = 0; second < seconds; second += 1) {
    service.requestsPerSecond = rateAt(trace, second);
    engine.second();
    tally.second(engine.paidWorkers);
    const wanted = policy.decide({ view: observer.view(), second, ordered }) ?? ordered;
    const allowed = Math.min(setup.maxWorkers, Math.max(setup.minWorkers, wanted));
    if (allowed === ordered) continue;
    changes.push({ second, from: ordered, to: allowed });
    engine.scale(service.name, allowed);
    ordered = allowed;
  }
  tally.lost(engine.member(service.name).pending);
  return { ...tally.result(), ...changesPerHour(changes, seconds), changes };
};

const usuallyPending = 100;

/** Counts requests and what was paid for them. */
class Tally {
  readonly #sloMs: number;
  readonly #latency = new Histogram();
  #bad = 0;
  #lost = 0;
  #workerSeconds = 0;
  #seconds = 0;
  #minute = { answered: 0, bad: 0 };
  #sloMinutes = 0;

  constructor(sloMs: number) {
    this.#sloMs = sloMs;
  }

  answered(latencyMs: number): void {
    this.#latency.recordMs(latencyMs);
    this.#minute.answered += 1;
    if (latencyMs <= this.#sloMs) return;
    this.#minute.bad += 1;
    this.#bad += 1;
  }

  second(workers: number): void {
    this.#workerSeconds += workers;
    this.#seconds += 1;
    if (this.#seconds % 60 !== 0) return;
    if (this.#minute.bad > this.#minute.answered * badAllowed) this.#sloMinutes += 1;
    this.#minute = { answered: 0, bad: 0 };
  }

  /** Those that still wait at the end, when they are more than would be on a good day. */
  lost(pending: number): void {
    this.#lost = pending > usuallyPending ? pending : 0;
  }

  result(): Pick<Outcome, 'badShare' | 'sloMinutes' | 'coreHours' | 'p99Ms'> {
    return {
      badShare: (this.#bad + this.#lost) / Math.max(1, this.#latency.count + this.#lost),
      sloMinutes: this.#sloMinutes,
      coreHours: this.#workerSeconds / 3_600,
      p99Ms: this.#latency.quantileMs(0.99),
    };
  }
}
