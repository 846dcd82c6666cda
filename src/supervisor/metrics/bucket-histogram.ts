import type { Metric } from 'prom-client';
import { durationBoundsMs } from '../../protocol/metrics.ts';
import type { Labels } from './labels.ts';

type Series = { readonly labels: Labels; readonly buckets: number[]; sum: number };

type Observed = { readonly buckets: readonly number[]; readonly totalMs: number };

/**
 * A histogram of what workers have counted already: that of prom-client takes single values only.
 * It gives what the registry asks of each of its metrics.
 */
export class BucketHistogram {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  readonly #series = new Map<string, Series>();

  constructor({ name, help }: { readonly name: string; readonly help: string }) {
    this.name = name;
    this.help = help;
  }

  add(labels: Labels, { buckets, totalMs }: Observed): void {
    const key = JSON.stringify(labels);
    const series = this.#series.get(key) ?? { labels, buckets: buckets.map(() => 0), sum: 0 };
    this.#series.set(key, series);
    for (const [index, count] of buckets.entries()) {
      series.buckets[index] = (series.buckets[index] ?? 0) + count;
    }
    series.sum += totalMs / 1_000;
  }

  async get() {
    const values = [...this.#series.values()].flatMap((series) => this.#valuesOf(series));
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values };
  }

  reset(): void {
    this.#series.clear();
  }

  /** As the registry keeps its own metrics. */
  toMetric(): Metric {
    // It only asks for what `get` answers.
    return this as unknown as Metric;
  }

  #valuesOf({ labels, buckets, sum }: Series) {
    let below = 0;
    const cumulative = buckets.map((count, index) => {
      below += count;
      const bound = durationBoundsMs[index];
      const le = bound === undefined ? '+Inf' : String(bound / 1_000);
      return { metricName: `${this.name}_bucket`, labels: { ...labels, le }, value: below };
    });
    return [
      ...cumulative,
      { metricName: `${this.name}_sum`, labels, value: sum },
      { metricName: `${this.name}_count`, labels, value: below },
    ];
  }
}
