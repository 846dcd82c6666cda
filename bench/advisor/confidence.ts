import { evidenceBinOf } from '../../src/advisor/model/confidence.ts';
import { type Case, casesOf } from './cases.ts';
import { heading, mean, percentage, print, target } from './print.ts';

const variants = 30;
/** Those that the bins were taken from are 1 and 2. */
const heldOut = 10;

/** What is said of all that is advised, and what becomes of it when an operator follows it at once. */
export const printConfidence = (seed: number): void => {
  const all = casesOf({ seed: heldOut + seed, variants });
  heading(`Confidence (T9): ${all.length} pieces of advice`);
  const bins = Map.groupBy(all, ({ action, strength }) => evidenceBinOf(action, strength));
  const off = [...bins].map(([{ from, cases }, some]) => {
    const { said, cameTrue } = sumOf(some);
    const known = `known from ${cases}`.padEnd(16);
    const name = `${some[0]?.action} from ${from}`.padEnd(20);
    print(`${name} ${known} ${textOf(some)}`);
    return Math.abs(said - cameTrue) * some.length;
  });
  const error = off.reduce((sum, each) => sum + each, 0) / Math.max(1, all.length);
  target(`off by ${percentage(error, 1)} on average`, '≤ 5 %', error <= 0.05);
  const sure = all.filter(({ confidence }) => confidence >= 0.9);
  const { cameTrue } = sumOf(sure);
  target(
    `of ${sure.length} at 90 % or more ${percentage(cameTrue, 1)} came true`,
    '≥ 88 % of ≥ 200',
    sure.length >= 200 && cameTrue >= 0.88,
  );
  for (const [name, some] of Map.groupBy(all.filter(isFollowed), (one) => one.name)) {
    print(`  ${name.padEnd(32)} ${textOf(some)}`);
  }
};

const isFollowed = ({ action }: Case): boolean => action === 'scale_up' || action === 'scale_down';

const sumOf = (some: readonly Case[]) => ({
  said: mean(some.map(({ confidence }) => confidence)),
  cameTrue: mean(some.map(({ cameTrue }) => Number(cameTrue))),
});

const textOf = (some: readonly Case[]): string => {
  const { said, cameTrue } = sumOf(some);
  return `${some.length}, said ${percentage(said, 1)}, came true ${percentage(cameTrue, 1)}`;
};
