import { Random } from '../../src/simulator/random.ts';
import { scenarios } from '../../test/helpers/scenarios/all.ts';
import { loadScenarios } from '../../test/helpers/scenarios/load.ts';
import { type Judged, playScenario, type Verdict } from '../../test/helpers/scenarios/scenario.ts';
import { waitingScenarios } from '../../test/helpers/scenarios/waiting.ts';
import { turnsIn, waverings } from '../../test/helpers/scenarios/wavering.ts';
import { heading, mean, percentage, print, quantile, target } from './print.ts';

/** Played by no test. */
const heldOut = 1_000;
const variants = 20;

export const printScenarios = (seed: number): void => {
  heading(`Labelled scenarios (T6): ${scenarios.length} classes × ${variants} variants`);
  const total: Record<Verdict, number> = { right: 0, wrong: 0, missed: 0 };
  const played = scenarios.map((scenario) => {
    const judged = Array.from({ length: variants }, (_, variant) =>
      playScenario(scenario, seed * heldOut + variant),
    );
    const failed = new Map<string, number>();
    for (const { verdict, said } of judged) {
      total[verdict] += 1;
      const text = `${verdict}: ${said.join(' + ')}`;
      if (verdict !== 'right') failed.set(text, (failed.get(text) ?? 0) + 1);
    }
    for (const [text, count] of failed) print(`  ${scenario.name}: ${count} × ${text}`);
    return { scenario, judged };
  });
  const all = scenarios.length * variants;
  const { right, wrong, missed } = total;
  target(`right ${percentage(right / all, 1)}`, '≥ 95 %', right >= all * 0.95);
  target(`wrong ${percentage(wrong / all, 1)}`, '≤ 2 %', wrong <= all * 0.02);
  target(`missed ${percentage(missed / all, 1)}`, '≤ 5 %', missed <= all * 0.05);
  printDelays(played);
  printTurns(seed);
};

type Played = {
  readonly scenario: (typeof scenarios)[number];
  readonly judged: readonly Judged[];
};

/** Those in which the load, its cost, or what is waited for is the trouble, and there is something to say. */
const urgent = [...loadScenarios, ...waitingScenarios];

const printDelays = (played: readonly Played[]): void => {
  heading('How soon it is told: seconds, median and longest');
  const longest = played
    .filter(({ scenario }) => urgent.includes(scenario) && scenario.right.length > 0)
    .flatMap(({ scenario, judged }) => {
      const onset = judged.flatMap((one) => one.toldAfterSeconds ?? []);
      const critical = judged.flatMap((one) => one.toldAfterCriticalSeconds ?? []);
      const spread = (values: readonly number[]): string =>
        `${quantile(values, 0.5)}, ${quantile(values, 1)}`;
      print(`${scenario.name.padEnd(76)} ${spread(onset)} (critical: ${spread(critical)})`);
      return critical;
    });
  const [middle, most] = [quantile(longest, 0.5), quantile(longest, 1)];
  const later = longest.filter((each) => each > 5).length;
  target(
    `from the first critical signal ${middle} s, and ${most} s at most; ${later} of ${longest.length} later`,
    '≤ 5 s',
    most <= 5,
  );
};

/** Another kind of advice in the place of the one before, in ten minutes. */
const printTurns = (seed: number): void => {
  heading(
    'How often it changes its mind: mean and most in ten minutes, and variants with more than one',
  );
  const counts = waverings.flatMap(({ name, setUp }) => {
    const turns = Array.from({ length: variants }, (_, variant) => {
      const number = seed * heldOut + variant;
      return turnsIn(setUp(new Random(number)), number);
    });
    const more = turns.filter((count) => count > 1).length;
    print(`${name.padEnd(76)} ${mean(turns).toFixed(1)}, ${quantile(turns, 1)}; ${more}`);
    return turns;
  });
  const more = counts.filter((count) => count > 1).length;
  target(`${more} of ${counts.length} change their mind more than once`, 'none', more === 0);
};
