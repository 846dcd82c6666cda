import { readdirSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import fc from 'fast-check';
import { residentMb } from '../../helpers/process-usage.ts';
import { startTraffic } from '../../helpers/traffic.ts';
import type { Fault } from './fault.ts';
import { type FaultApp, startFaultApp } from './fault-app.ts';
import type { Heap } from './heap.ts';
import { clientsFor } from './run-fault.ts';
import { faults } from './table.ts';

export type Sighting = {
  /** Since the start, in ms. */
  readonly at: number;
  readonly residentMb: number;
  readonly openFiles: number;
  /** What is left after a collection, when that was looked at. */
  readonly heapMb?: number;
};

export type SoakReport = {
  readonly requests: number;
  readonly failed: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly done: readonly string[];
  /** Those during which requests failed, in the order of `done`. */
  readonly costly: readonly string[];
  /** Of the supervisor, about one a second, with nothing under way. */
  readonly sightings: readonly Sighting[];
};

export type SoakOptions = {
  readonly heap: Heap;
  /** Between two looks at the heap, which take time, and give memory back. */
  readonly everyMs: number;
  /** Between two requests of a client. */
  readonly pauseMs: number;
};

/** Every fault that may cost nothing and leaves the supervisor in place. */
const harmless = faults.filter(
  ({ allowed, takesSupervisor, isLong }) =>
    allowed === 0 && takesSupervisor === undefined && isLong === undefined,
);

const restMs = 1_000;
const readers = clientsFor({ killsWorker: true });

/** One fault after the other in the order of the seed, under traffic, for as long as told. */
export const soak = async (
  minutes: number,
  seed: number,
  { heap, everyMs, pauseMs }: SoakOptions,
): Promise<SoakReport> => {
  await using app = await startFaultApp(heap.env);
  await using traffic = startTraffic(
    app.http,
    readers.map((plan) => ({ ...plan, pauseMs })),
  );
  const { supervisor } = await app.status();
  const startedAt = performance.now();
  const sightings: Sighting[] = [];
  const done: string[] = [];
  const costly: string[] = [];
  const order = faultsInOrder(seed);
  const deaths = new Deaths();
  while (performance.now() - startedAt < minutes * 60_000) {
    const fault = order.next().value;
    if (fault.killsWorker) await deaths.rest();
    done.push(fault.id);
    const { failed: before } = traffic.summary();
    await harm(app, fault, supervisor.pid).catch((cause: unknown) => {
      throw new Error(`seed ${seed}, after ${done.join(' ')}`, { cause });
    });
    if (fault.killsWorker) deaths.note();
    await after(restMs);
    if (traffic.summary().failed > before) costly.push(fault.id);
    const at = performance.now() - startedAt;
    const isDue = Math.floor(at / everyMs) > Math.floor((sightings.at(-1)?.at ?? 0) / everyMs);
    const heapMb = isDue ? await heap.megabytes(supervisor.pid) : undefined;
    sightings.push({ at, ...look(supervisor.pid), ...(heapMb !== undefined && { heapMb }) });
  }
  const { done: exchanges, failed, failures } = await traffic.stop();
  const requests = Object.values(exchanges).reduce((sum, count) => sum + count, failed);
  return { requests, failed, failures, done, costly, sightings };
};

/** Every fault once in each round, each round in another order. */
function* faultsInOrder(seed: number): Generator<Fault, never> {
  for (let round = 0; ; round += 1) {
    const all = fc.shuffledSubarray([...harmless], { minLength: harmless.length });
    for (const rounds of fc.sample(all, { seed: seed + round, numRuns: 1 })) yield* rounds;
  }
}

/** Five crashes of a worker within a minute, and it is given up: chance must not bring them about. */
const mostDeaths = 4;
const deathsWithinMs = 60_000;

class Deaths {
  #last: readonly number[] = [];

  async rest(): Promise<void> {
    const [oldest = Number.NEGATIVE_INFINITY] = this.#last;
    if (this.#last.length < mostDeaths) return;
    await after(Math.max(0, oldest + deathsWithinMs - performance.now()));
  }

  /** When it is over: a worker that runs out of memory dies seconds after it was told to. */
  note(): void {
    this.#last = [...this.#last, performance.now()].slice(-mostDeaths);
  }
}

/** The supervisor stays the same through it. */
const harm = async (app: FaultApp, fault: Fault, pid: number): Promise<void> => {
  await fault.inject(app);
  const { supervisor } = await app.whole();
  if (supervisor.pid !== pid) throw new Error(`the supervisor was ${pid}, is ${supervisor.pid}`);
};

const look = (pid: number): Omit<Sighting, 'at'> => ({
  residentMb: residentMb(pid),
  openFiles: readdirSync(`/proc/${pid}/fd`).length,
});
