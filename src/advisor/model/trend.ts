export type Sighting = { readonly at: number; readonly value: number };

export type Trend = {
  /** Median of the slopes between all pairs, per second: Theil and Sen. */
  readonly perSecond: number;
  /** Nine of ten pairs agree that it rises. */
  readonly rises: boolean;
};

/** Between all pairs. */
const slopesOf = (series: readonly Sighting[]): Float64Array => {
  const slopes = new Float64Array((series.length * (series.length - 1)) / 2);
  let count = 0;
  for (const [index, later] of series.entries()) {
    for (let before = 0; before < index; before += 1) {
      const earlier = series[before];
      if (earlier === undefined || later.at <= earlier.at) continue;
      slopes[count] = ((later.value - earlier.value) * 1_000) / (later.at - earlier.at);
      count += 1;
    }
  }
  return slopes.subarray(0, count);
};

/** The direction of a series that a few outliers do not turn. */
export const trendOf = (series: readonly Sighting[]): Trend => {
  const slopes = slopesOf(series).sort();
  const at = (share: number): number => slopes[Math.floor(share * (slopes.length - 1))] ?? 0;
  return { perSecond: at(0.5), rises: at(0.1) > 0 };
};
