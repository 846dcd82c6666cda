import { durationBoundsMs, type MethodCount } from '../../../protocol/metrics.ts';

type Name = Pick<MethodCount, 'kind' | 'method'>;

/** `overloaded`: it failed because it was not let in. */
export type Outcome = 'ok' | 'refused' | 'failed' | 'overloaded';

/** Counts the calls of one method; whoever calls it keeps it, so that no call has to look it up. */
export class MethodCounter {
  readonly name: Name;
  #calls = 0;
  #refused = 0;
  #failed = 0;
  #overloaded = 0;
  #totalMs = 0;
  #buckets: number[] = newBuckets();

  constructor(name: Name) {
    this.name = name;
  }

  answered(tookMs: number, outcome: Outcome): void {
    this.#calls += 1;
    this.#totalMs += tookMs;
    if (outcome === 'refused') this.#refused += 1;
    else if (outcome !== 'ok') this.#failed += 1;
    if (outcome === 'overloaded') this.#overloaded += 1;
    let bucket = 0;
    // Counted by hand: most calls are over in the first few of them.
    while (bucket < durationBoundsMs.length && tookMs > (durationBoundsMs[bucket] ?? 0))
      bucket += 1;
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
  }

  /** An answer that was counted is one that nobody could be given. */
  answerLost(): void {
    this.#failed += 1;
  }

  take(): MethodCount | undefined {
    if (this.#calls === 0 && this.#failed === 0) return undefined;
    const count = {
      ...this.name,
      calls: this.#calls,
      refused: this.#refused,
      failed: this.#failed,
      ...(this.#overloaded === 0 ? {} : { overloaded: this.#overloaded }),
      totalMs: this.#totalMs,
      buckets: this.#buckets,
    };
    this.#calls = 0;
    this.#refused = 0;
    this.#failed = 0;
    this.#overloaded = 0;
    this.#totalMs = 0;
    this.#buckets = newBuckets();
    return count;
  }
}

/** One more than bounds, for what took longer than the last of them. */
const newBuckets = (): number[] => Array.from({ length: durationBoundsMs.length + 1 }, () => 0);

const mostMethods = 200;

/** The methods, routes and events of one service. */
export class MethodMeter {
  readonly #counters = new Map<string, MethodCounter>();

  of(kind: MethodCount['kind'], method: string): MethodCounter {
    const key = `${kind} ${method}`;
    const known = this.#counters.get(key);
    if (known !== undefined) return known;
    const name = this.#counters.size < mostMethods ? method : '__other__';
    if (name !== method) return this.of(kind, name);
    const counter = new MethodCounter({ kind, method });
    this.#counters.set(key, counter);
    return counter;
  }

  take(): readonly MethodCount[] {
    return [...this.#counters.values()].flatMap((counter) => counter.take() ?? []);
  }
}
