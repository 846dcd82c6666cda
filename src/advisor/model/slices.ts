/** Time that one service holds a loop it shares, as seen by those who wait for it. */
export type Slices = { readonly service: string; readonly sumOfSquaresMs2PerSecond: number };

/**
 * Share of each service in the wait for a shared loop. By Pollaczek and Khinchine the mean wait
 * is Σ λE[S²] / 2(1 − ρ), so a service's part goes with the square of its slices: one slice of
 * 200 ms weighs as much as 40,000 of 1 ms.
 */
export const waitShares = (slices: readonly Slices[]): ReadonlyMap<string, number> => {
  const total = slices.reduce((sum, one) => sum + one.sumOfSquaresMs2PerSecond, 0);
  return new Map(
    slices.map((one) => [one.service, total > 0 ? one.sumOfSquaresMs2PerSecond / total : 0]),
  );
};
