import { simulatedService } from './engine/app.ts';
import { Engine } from './engine/engine.ts';
import { roomFor, type Setup, stepsOf } from './setup.ts';

const measuredRequests = 20_000;
const warmSeconds = 5;
const halvings = 8;
/** Of the requests, so many may be slower than the objective: it is one for P99. */
export const badAllowed = 0.01;

/** Share of the requests that are slower than the objective, with so many workers at this rate. */
const badShareAt = (setup: Setup, workers: number, requestsPerSecond: number): number => {
  let counted = 0;
  let bad = 0;
  const engine = new Engine({
    app: {
      ...roomFor(setup),
      services: [
        simulatedService('service', {
          steps: stepsOf(setup),
          cv2: setup.cv2,
          workers,
          requestsPerSecond,
        }),
      ],
    },
    seed: setup.seed,
    onAnswered: (_member, latencyMs, now) => {
      if (now < warmSeconds * 1_000) return;
      counted += 1;
      if (latencyMs > setup.sloMs) bad += 1;
    },
  });
  while (counted < measuredRequests) {
    engine.second();
    // It can no longer become good, and what waits grows without end.
    if (bad > measuredRequests * badAllowed) return 1;
  }
  return bad / counted;
};

/** The highest rate that so many workers serve within the objective, found by simulation. */
const highestRate = (setup: Setup, workers: number): number => {
  const full = (workers * 1_000) / setup.cpuMs;
  let low = 0;
  let high = full;
  for (let halving = 0; halving < halvings; halving += 1) {
    const middle = (low + high) / 2;
    if (badShareAt(setup, workers, middle) <= badAllowed) low = middle;
    else high = middle;
  }
  return low;
};

/** How many workers a rate needs; measured once for each number of workers that is asked about. */
export class Capacity {
  readonly #setup: Setup;
  readonly #rates: number[] = [0];

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  /** The highest rate that so many workers serve within the objective. */
  of(workers: number): number {
    for (let count = this.#rates.length; count <= workers; count += 1) {
      const atLeast = this.#rates[count - 1] ?? 0;
      this.#rates.push(Math.max(atLeast, highestRate(this.#setup, count)));
    }
    return this.#rates[workers] ?? 0;
  }

  workersFor(requestsPerSecond: number): number {
    const { maxWorkers } = this.#setup;
    let workers = 1;
    while (workers < maxWorkers && this.of(workers) < requestsPerSecond) workers += 1;
    return workers;
  }
}
