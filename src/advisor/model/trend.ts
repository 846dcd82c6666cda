export type Sighting = { readonly at: number; readonly value: number };

export type Trend = {
  /** Median of the slopes between all pairs, per second: Theil and Sen. */
  readonly perSecond: number;
  /** Nine of ten pairs agree that it rises. */
  readonly rises: boolean;
};

/** The direction of a series that a few outliers do not turn. */
export const trendOf = (series: readonly Sighting[]): Trend => {
  const slopes: number[] = [];
  series.forEach((later, index) => {
    for (const earlier of series.slice(0, index)) {
      if (later.at > earlier.at)
        slopes.push(((later.value - earlier.value) * 1_000) / (later.at - earlier.at));
    }
  });
  slopes.sort((a, b) => a - b);
  const at = (share: number): number => slopes[Math.floor(share * (slopes.length - 1))] ?? 0;
  return { perSecond: at(0.5), rises: at(0.1) > 0 };
};
