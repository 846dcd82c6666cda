import { scenarios } from '../../test/helpers/scenarios/all.ts';
import { playScenario, type Verdict } from '../../test/helpers/scenarios/scenario.ts';
import { heading, percentage, print, target } from './print.ts';

/** Played by no test. */
const heldOut = 1_000;
const variants = 20;

export const printScenarios = (seed: number): void => {
  heading(`Labelled scenarios (T6): ${scenarios.length} classes × ${variants} variants`);
  const total: Record<Verdict, number> = { right: 0, wrong: 0, missed: 0 };
  for (const scenario of scenarios) {
    const failed = new Map<string, number>();
    for (let variant = 0; variant < variants; variant += 1) {
      const { verdict, said } = playScenario(scenario, seed * heldOut + variant);
      total[verdict] += 1;
      const text = `${verdict}: ${said.join(' + ')}`;
      if (verdict !== 'right') failed.set(text, (failed.get(text) ?? 0) + 1);
    }
    for (const [text, count] of failed) print(`  ${scenario.name}: ${count} × ${text}`);
  }
  const all = scenarios.length * variants;
  const { right, wrong, missed } = total;
  target(`right ${percentage(right / all, 1)}`, '≥ 95 %', right >= all * 0.95);
  target(`wrong ${percentage(wrong / all, 1)}`, '≤ 2 %', wrong <= all * 0.02);
  target(`missed ${percentage(missed / all, 1)}`, '≤ 5 %', missed <= all * 0.05);
};
