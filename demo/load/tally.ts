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
  sent = 0;
  failed = 0;

  add(dueMs: number, latencyMs: number, ok: boolean): void {
    const t = Math.floor(dueMs / 1_000);
    const second = this.#seconds.get(t) ?? { t, ok: 0, failed: 0, latencies: [] };
    this.#seconds.set(t, second);
    second.latencies.push(latencyMs);
    if (ok) second.ok += 1;
    else {
      second.failed += 1;
      this.failed += 1;
    }
  }

  summary(): object {
    const seconds = [...this.#seconds.values()];
    const all = seconds.flatMap(({ latencies }) => latencies);
    return {
      sent: this.sent,
      answered: all.length,
      failed: this.failed,
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
