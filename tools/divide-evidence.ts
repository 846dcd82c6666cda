import type { EvidenceBin } from '../src/advisor/model/evidence-bins.ts';

type Case = { readonly strength: number; readonly cameTrue: boolean };
type Tenth = EvidenceBin;

/** Where fewer are on a side, nothing is known of it apart. */
const enoughCases = 10;
/** What is closer together than so many standard deviations is so by chance. */
const noChance = 4;

/**
 * The cases of one kind of advice by how clear their evidence was, divided at a tenth only where
 * clearly fewer of one side came true: what makes no difference makes no bin.
 */
export const dividedBy = (cases: readonly Case[]): readonly EvidenceBin[] =>
  divided(
    Array.from({ length: 10 }, (_, tenth): Tenth => {
      const inside = cases.filter(({ strength }) => tenthOf(strength) === tenth);
      const cameTrue = inside.filter((one) => one.cameTrue).length;
      return { from: tenth / 10, cases: inside.length, cameTrue };
    }),
  );

const tenthOf = (strength: number): number => Math.min(9, Math.floor(strength * 10 + 1e-9));

const divided = (tenths: readonly Tenth[]): readonly EvidenceBin[] => {
  const [best] = tenths
    .slice(1)
    .map((_, index) => {
      const [below, above] = [tenths.slice(0, index + 1), tenths.slice(index + 1)];
      return { below, above, apart: apart(joined(below), joined(above)) };
    })
    .toSorted((a, b) => b.apart - a.apart);
  if (best === undefined || best.apart < noChance) return [joined(tenths)];
  return [...divided(best.below), ...divided(best.above)];
};

const joined = (tenths: readonly Tenth[]): EvidenceBin => ({
  from: tenths[0]?.from ?? 0,
  cases: tenths.reduce((sum, { cases }) => sum + cases, 0),
  cameTrue: tenths.reduce((sum, { cameTrue }) => sum + cameTrue, 0),
});

/** By how many standard deviations the two shares differ. */
const apart = (a: EvidenceBin, b: EvidenceBin): number => {
  if (Math.min(a.cases, b.cases) < enoughCases) return 0;
  const all = (a.cameTrue + b.cameTrue) / (a.cases + b.cases);
  const spread = Math.sqrt(all * (1 - all) * (1 / a.cases + 1 / b.cases));
  return spread === 0 ? 0 : Math.abs(a.cameTrue / a.cases - b.cameTrue / b.cases) / spread;
};
