export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

export type Sighting = { readonly at: number; readonly value: number };

/** Least-squares slope of the second half of a series, `at` in ms, per hour. */
export const slopePerHour = (series: readonly Sighting[]): number => {
  const half = series.slice(Math.floor(series.length / 2));
  const count = Math.max(1, half.length);
  const meanAt = half.reduce((sum, { at }) => sum + at, 0) / count;
  const mean = half.reduce((sum, { value }) => sum + value, 0) / count;
  const covariance = half.reduce((sum, one) => sum + (one.at - meanAt) * (one.value - mean), 0);
  const variance = half.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
  return variance === 0 ? 0 : (covariance / variance) * 3_600_000;
};

/** The least of each whole period: of memory, what is left when what can be was given back. */
export const leastOfEach = (periodMs: number, series: readonly Sighting[]): readonly Sighting[] => {
  const periods = [...Map.groupBy(series, ({ at }) => Math.floor(at / periodMs)).values()];
  return periods
    .slice(0, -1)
    .map((all) => all.reduce((least, one) => (one.value < least.value ? one : least)));
};

/** What figures may be at most, and which of them are more. */
export class Goals {
  readonly #missed: string[] = [];

  /** The value, and whether it is within its goal if it has one. */
  judged(name: string, value: number, { digits = 1, atMost }: Goal = {}): string {
    const text = value.toFixed(digits);
    if (atMost === undefined) return text;
    if (value > atMost) this.#missed.push(`${name}: ${text}, at most ${atMost}`);
    return `${text} ${value > atMost ? '>' : '≤'} ${atMost}`;
  }

  get verdict(): string {
    const missed = this.#missed;
    return missed.length === 0 ? 'every goal is met' : `missed:\n  ${missed.join('\n  ')}`;
  }
}

type Goal = { readonly digits?: number; readonly atMost?: number | undefined };
