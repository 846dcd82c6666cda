export type Labels = Readonly<Record<string, string>>;

const mostSeries = 200;
export const otherLabel = '__other__';

/**
 * At most so many series of one metric: whatever label values come beyond them are counted together,
 * so that names made of ids cost Prometheus nothing. What varies without bound is given by name.
 */
export class BoundedLabels {
  readonly #unbounded: readonly string[];
  readonly #known = new Set<string>();

  constructor(unbounded: readonly string[]) {
    this.#unbounded = unbounded;
  }

  known(): readonly Labels[] {
    return [...this.#known].map((key) => JSON.parse(key));
  }

  within(labels: Labels): Labels {
    const key = JSON.stringify(labels);
    if (this.#known.has(key)) return labels;
    if (this.#known.size < mostSeries) {
      this.#known.add(key);
      return labels;
    }
    const others = this.#unbounded.filter((name) => name in labels);
    return { ...labels, ...Object.fromEntries(others.map((name) => [name, otherLabel])) };
  }
}
