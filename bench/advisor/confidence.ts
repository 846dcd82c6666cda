import { initialMemory } from '../../src/advisor/memory/memory.ts';
import { calibrationOf } from '../../src/advisor/outcome/calibration.ts';
import { followed } from './followed.ts';
import { heading, mean, percentage, print, target } from './print.ts';

const variants = 30;
/** Those that the priors were taken from are 1 and 2. */
const heldOut = 10;

/** What is said of advice that an operator follows at once, and what becomes of it. */
export const printConfidence = (seed: number): void => {
  const all = followed(heldOut + seed, variants);
  heading(`Confidence of what was followed (T9): ${all.length} actions with a verdict`);
  for (const [name, some] of Map.groupBy(all, (one) => one.name)) {
    const said = mean(some.map(({ outcome }) => outcome.confidence ?? 0));
    const helped = mean(some.map(({ outcome }) => Number(outcome.helped)));
    print(
      `${name.padEnd(32)} ${some.length}, said ${percentage(said, 1)}, helped ${percentage(helped, 1)}`,
    );
  }
  const outcomes = all.map(({ outcome }) => outcome);
  const { confidence, calibrationError = 0 } = calibrationOf({ ...initialMemory, outcomes });
  for (const { from, to, count, meanConfidence, hitRate } of confidence) {
    print(
      `${from} to ${to}: ${count}, said ${percentage(meanConfidence, 1)}, helped ${percentage(hitRate, 1)}`,
    );
  }
  target(`off by ${percentage(calibrationError, 1)} on average`, '≤ 5 %', calibrationError <= 0.05);
};
