import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { rulesFor } from '../../../src/advisor/diagnose.ts';
import { explain } from '../../../src/advisor/explain/explain.ts';
import { questions } from '../../../src/advisor/explain/questions.ts';
import { defaultSettings } from '../../../src/advisor/settings.ts';
import type { Situation } from '../../../src/advisor/situation.ts';
import { adviceActions } from '../../../src/protocol/advice.ts';
import type { Explanation } from '../../../src/protocol/explanation.ts';
import { explanationSchema } from '../../../src/protocol/insight-schema.ts';
import { describeExplanation } from '../../../src/tui/plain/describe-explanation.ts';
import {
  calm,
  lasting,
  minutes,
  play,
  quarter,
  type Scene,
  saturated,
  second,
  serviceView,
  splitOf,
  viewsOf,
} from '../../helpers/advisor.ts';

/** What is explained of `orders` at the end of some scenes. */
const explained = (...scenes: readonly Scene[]): Explanation => {
  const { memory } = play(scenes);
  const view = viewsOf(scenes).at(-1);
  const given = view && explain('orders', { memory, view, settings: defaultSettings });
  if (given === undefined) throw new Error('Nothing is explained');
  const at = new Date(second(0)).toISOString();
  return v.parse(explanationSchema, { version: 1, app: 'shop', at, ...given }) as Explanation;
};

const because = ({ notAdvised }: Explanation, action: string): string =>
  notAdvised.find((one) => one.action === action)?.because ?? '';
const answerTo = ({ tree }: Explanation, question: RegExp): string =>
  tree.find((one) => question.test(one.question))?.answer ?? '';

const before = calm(serviceView('orders'));
const overloaded = explained(before, quarter(saturated('orders')));
const delegated = explained(
  calm(serviceView('orders'), serviceView('billing')),
  quarter(
    serviceView('orders', { p99: 700, split: splitOf({ downstreamMs: { billing: 400 } }) }),
    serviceView('billing', { p99: 690, split: splitOf({ externalMs: 390 }) }),
  ),
);
const quiet = explained(before);
const idle = explained({
  seconds: minutes(31),
  services: [serviceView('orders', { workers: 3, busy: 5 })],
});

test('every rule of the diagnosis is a question', () => {
  const evidence = (given: readonly object[]) =>
    ({ evidence: given, plan: {} }) as unknown as Situation;
  const rules = [...rulesFor(evidence([{}])), ...rulesFor(evidence([]))];
  expect(rules.filter((rule) => !questions.some((one) => one.rule === rule))).toEqual([]);
  expect(questions.filter(({ rule }) => !rules.includes(rule))).toEqual([]);
});

describe('an explanation', () => {
  test('answers the questions in turn, up to the one that closes the case', () => {
    const answers = overloaded.tree.map(({ answer }) => answer);
    expect(answers.indexOf('yes')).toBe(14);
    expect(answers.slice(0, 14)).toEqual(Array.from({ length: 14 }, () => 'no'));
    expect(answerTo(overloaded, /event loops short/)).toBe('yes');
    expect(answerTo(delegated, /service that it calls/)).toBe('yes');
    expect(answerTo(idle, /idle long enough/)).toBe('yes');
    expect(new Set(quiet.tree.map(({ answer }) => answer))).toEqual(new Set(['no']));
  });

  test('has no P99 of more workers where the queue does not explain the one that is there', () => {
    const held = { arrivalsPerSecond: 100, intrinsicP99Ms: 0.03, busy: 3 };
    const withP99 = (p99: number) =>
      serviceView('orders', { ...held, p99, split: splitOf({ cpuMs: 0.02, loopWaitMs: p99 / 5 }) });
    const { candidates } = explained(calm(withP99(6.3)), lasting(5, withP99(336)));
    const [now, more] = candidates.map(({ prediction }) => prediction.latencyP99Ms);
    expect(now).toMatchObject({ from: 336, to: 336 });
    expect(more).toBeUndefined();
    expect(candidates[1]?.prediction.cpu).toMatchObject({ from: 3, to: 1.5 });
  });

  test('gives the verdict with its numbers, or why there is none', () => {
    expect(overloaded.verdict).toMatch(
      /^scale_up: P99 is 600 ms|^scale_up: CPU of the hottest worker is 100 %/,
    );
    expect(delegated.verdict).toBe('no advice: latency is that of its dependency billing (99 %)');
    expect(quiet.verdict).toBe('no advice: no signal is over its line');
  });

  test('says of every other action why it is not advised', () => {
    expect(overloaded.notAdvised.map(({ action }) => action)).toEqual(
      adviceActions.filter((action) => action !== 'scale_up'),
    );
    expect(because(overloaded, 'split_out')).toBe('it is alone in its process');
    expect(because(overloaded, 'migrate')).toMatch(/^6\.9 cores idle \(full below 0\.25\)/);
    expect(because(overloaded, 'scale_down')).toBe('it is under pressure');
    expect(because(quiet, 'scale_up')).toMatch(/^no signal is over its line; hottest worker 10 %/);
    expect(because(quiet, 'scale_down')).toBe('it has its 1 at least');
    expect(quiet.notAdvised).toHaveLength(adviceActions.length);
  });

  test('says what would change the verdict', () => {
    expect(overloaded.wouldChange).toContain('the busiest worker below 72.3 % (now 100 %)');
    expect(quiet.wouldChange).toContain('a worker 85 % busy for 6 s');
    expect(quiet.wouldChange[1]).toContain('or at 100 ms and 1.5 times its calm 20 ms');
    expect(idle.wouldChange.at(-1)).toBe('below 20 % busy for 1800 s: one worker less');
  });

  test('says when the advice goes only where there is some', () => {
    const goes = 'the advice goes 5 s after all of that';
    expect(overloaded.wouldChange).toContain(goes);
    expect(delegated.wouldChange).toContain('P99 below 85 ms (now 700 ms)');
    expect(delegated.wouldChange).not.toContain(goes);
  });

  test('predicts nothing of the workers that are there, and says which figure is whose', () => {
    const uneven = explained(
      before,
      quarter(serviceView('orders', { workers: 2, busy: [30, 10], p99: 80 })),
    );
    const [now] = uneven.candidates;
    expect(now?.prediction.latencyP99Ms).toEqual({ from: 80, to: 80, low: 80, high: 80 });
    const text = describeExplanation(uneven, 120);
    expect(text).toMatch(/ 2: as in the last seconds: CPU per worker 20 %, P99 80 ms, pending 0\n/);
    expect(text).toMatch(/ CPU max +30 % {2}lines 60 and 85\n/);
    expect(text).toContain('20 % busy on average;');
  });

  test('shows what other numbers of workers would bring, and doing nothing', () => {
    expect(overloaded.candidates.map(({ workers }) => workers)).toEqual([1, 2, 3]);
    const busy = overloaded.candidates.map(({ prediction }) => prediction.cpu?.to ?? 0);
    expect(busy).toEqual(busy.toSorted((a, b) => b - a));
  });

  test('names the signals that are over their lines', () => {
    const over = overloaded.signals.filter(({ heldMs }) => heldMs !== undefined);
    expect(over.map(({ signal }) => signal)).toEqual(['cpu', 'latencyP99Ms', 'pending']);
    expect(quiet.signals.every(({ heldMs }) => heldMs === undefined)).toBe(true);
  });

  test.each([
    ['pressure', overloaded],
    ['a dependency', delegated],
    ['nothing', quiet],
    ['idleness', idle],
  ])('of %s fits on 80 columns', (_name, explanation) => {
    const lines = describeExplanation(explanation, 80).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.length).toBeLessThan(75);
  });
});

test('how fast what may be bad is used up is told for each window, beside its line', () => {
  const half = serviceView('orders', {
    arrivalsPerSecond: 100,
    lastSecond: { arrivals: 100, completions: 100, slowRate: 0.05, p99Ms: 900 },
  });
  const { signals } = explained(calm(serviceView('orders')), { seconds: 30, services: [half] });
  const burn = signals.find(({ signal }) => signal === 'latencyP99Ms')?.burn ?? [];
  expect(burn.map(({ forMs, line }) => [forMs / 1_000, line])).toEqual([
    [60, 10],
    [5, 10],
    [600, 3],
    [50, 3],
  ]);
  expect(burn[1]?.times).toBeCloseTo(5, 1);
});

test('of a service that answers nothing it says what to do, and no figure that was not measured', () => {
  const stuck = saturated('orders', { completionsPerSecond: 0, p99: 0 });
  const text = describeExplanation(explained(before, quarter(stuck)), 100);
  expect(text).toContain('  do       1 Replace what is stuck: forge reload orders\n');
  expect(text).toMatch(/P99 +– {2}lines/);
  expect(text).not.toMatch(/sizes|do +forge explain/);
});
