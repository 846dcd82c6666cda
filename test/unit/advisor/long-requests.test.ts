import { expect, test } from 'vitest';
import { actionDone } from '../../../src/advisor/advisor.ts';
import { settingsOf } from '../../../src/advisor/settings.ts';
import {
  lasting,
  play,
  quarter,
  saturated,
  second,
  serviceView,
  splitOf,
} from '../../helpers/advisor.ts';

const settings = settingsOf({ scaling: { autoExecute: { scale: true } } });
/** However many workers there are, its P99 is over its line. */
const long = { p99: 900, split: splitOf({ cpuMs: 5, externalMs: 800 }) };
const rush = { ...long, arrivalsPerSecond: 380, completionsPerSecond: 200 };
const usual = serviceView('orders', { ...long, busy: 40, arrivalsPerSecond: 80 });

test('workers that are planned for long requests helped when these take no longer than planned', () => {
  const planned = play([lasting(60, usual), quarter(saturated('orders', rush))], { settings });
  const [recommendation] = planned.last.recommendations;
  if (recommendation === undefined) throw new Error('nothing was planned');
  const given = { actionId: 'a', service: 'orders', direction: 'up', recommendation } as const;
  const memory = actionDone(planned.memory, { ...given, at: second(75) });
  const helped = (p99: number): boolean | undefined => {
    const after = saturated('orders', { ...long, workers: 2, p99, completionsPerSecond: 200 });
    const { all } = play([lasting(61, after)], { memory, from: 75, settings });
    return all.flatMap(({ verified }) => verified)[0]?.verification.helped;
  };
  expect([920, 1_600].map(helped)).toEqual([true, false]);
});

test('a queue that is still worked off is not taken for long requests', () => {
  const split = splitOf({ cpuMs: 10, loopWaitMs: 1_300 });
  const rates = { arrivalsPerSecond: 180, completionsPerSecond: 190 };
  const behind = serviceView('orders', { workers: 2, busy: 95, p99: 1_400, split, ...rates });
  const { last } = play([quarter(behind)], { settings });
  const [recommendation] = last.recommendations;
  expect(recommendation).toMatchObject({ action: 'scale_up', details: { objectiveMs: 500 } });
  expect(recommendation?.reason).toMatch(/would not keep P99 below 47\d ms$/);
});
