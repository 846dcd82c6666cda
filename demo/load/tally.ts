export type Second = {
  readonly t: number;
  ok: number;
  failed: number;
  readonly latencies: number[];
};

/** The value that a share `q` of the sorted values does not exceed. */
export const quantile = (values: readonly number[], q: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
};

/** Counts answers by the second in which they were due. */
export class Tally {
  readonly #seconds = new Map<number, Second>();
  /** Why requests failed: status code or error code → count. */
  readonly #failures = new Map<string, number>();
  sent = 0;
  failed = 0;

  /** `failure` is undefined for an answer below 400. */
  add(dueMs: number, latencyMs: number, failure: string | undefined): void {
    const t = Math.floor(dueMs / 1_000);
    const second = this.#seconds.get(t) ?? { t, ok: 0, failed: 0, latencies: [] };
    this.#seconds.set(t, second);
    second.latencies.push(latencyMs);
    if (failure === undefined) second.ok += 1;
    else {
      second.failed += 1;
      this.failed += 1;
      this.#failures.set(failure, (this.#failures.get(failure) ?? 0) + 1);
    }
  }

  summary(): object {
    const seconds = [...this.#seconds.values()];
    const all = seconds.flatMap(({ latencies }) => latencies);
    return {
      sent: this.sent,
      answered: all.length,
      failed: this.failed,
      failures: Object.fromEntries(this.#failures),
      p50Ms: Math.round(quantile(all, 0.5)),
      p99Ms: Math.round(quantile(all, 0.99)),
      perSecond: seconds.map(({ t, ok, failed, latencies }) => ({
        t,
        ok,
        failed,
        p99Ms: Math.round(quantile(latencies, 0.99)),
      })),
    };
  }
}
