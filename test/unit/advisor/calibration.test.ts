import { expect, test } from 'vitest';
import { putAway } from '../../../src/advisor/advice/put-away.ts';
import type { Outcome } from '../../../src/advisor/memory/memory.ts';
import { initialMemory } from '../../../src/advisor/memory/memory.ts';
import { evidenceBinOf, priorOf } from '../../../src/advisor/model/confidence.ts';
import { calibrationOf } from '../../../src/advisor/outcome/calibration.ts';
import { describeCalibration } from '../../../src/cli/advice/describe-calibration.ts';
import {
  calm,
  lasting,
  play,
  quarter,
  saturated,
  second,
  serviceView,
} from '../../helpers/advisor.ts';

const outcome = (helped: boolean, confidence: number, given: Partial<Outcome> = {}): Outcome => ({
  service: 'orders',
  action: 'scale_up',
  helped,
  at: second(0),
  confidence,
  ...given,
});

test('confidence is held against what helped, each case once', () => {
  const outcomes = [
    ...Array.from({ length: 9 }, () => outcome(true, 0.95)),
    outcome(false, 0.95),
    outcome(true, 0.75),
    outcome(false, 0.75, { action: 'split_out' }),
    outcome(false, 0, { isOwnIdea: true }),
  ];
  const { confidence, calibrationError, rules } = calibrationOf({ outcomes, dismissals: [] });
  expect(confidence).toEqual([
    { from: 0.7, to: 0.8, count: 2, meanConfidence: 0.75, hitRate: 0.5 },
    { from: 0.9, to: 1, count: 10, meanConfidence: 0.95, hitRate: 0.9 },
  ]);
  expect(calibrationError).toBeCloseTo((10 * 0.05 + 2 * 0.25) / 12, 3);
  const clear = evidenceBinOf('scale_up');
  const prior = Math.round(priorOf(clear) * 1_000) / 1_000;
  expect(rules.filter(({ followed }) => followed > 0)).toMatchObject([
    { action: 'scale_up', followed: 11, helped: 10, hitRate: 0.909, prior, cases: clear.cases },
    { action: 'split_out', followed: 1, helped: 0, hitRate: 0 },
  ]);
});

test('predictions are held against what came, whoever had the idea', () => {
  const tried = (predicted: number, actual: number) => ({ predicted, low: 90, high: 110, actual });
  const outcomes = [
    outcome(true, 0.9, { cpu: tried(100, 100), latencyP99Ms: tried(100, 200) }),
    outcome(true, 0.9, { cpu: tried(100, 105), isOwnIdea: true }),
    outcome(true, 0.9, { cpu: tried(100, 80) }),
  ];
  expect(calibrationOf({ outcomes, dismissals: [] }).predictions).toEqual([
    {
      signal: 'cpu',
      count: 3,
      medianErrorPercent: 4.762,
      p90ErrorPercent: 25,
      insideRange: 0.667,
      tooHigh: 0.333,
    },
    {
      signal: 'latencyP99Ms',
      count: 1,
      medianErrorPercent: 50,
      p90ErrorPercent: 50,
      insideRange: 0,
      tooHigh: 0,
    },
  ]);
});

const { memory, last } = play([calm(serviceView('orders')), quarter(saturated('orders'))]);
const id = last.recommendations[0]?.id ?? '';

test('what was dismissed counts against its rule and says why; what was snoozed does not', () => {
  const given = { at: second(35), by: 'ada', why: 'the sale ends at noon' };
  const dismissed = putAway(memory, id, given);
  expect(calibrationOf(dismissed).rules[0]).toMatchObject({
    dismissed: 1,
    lastWhy: 'the sale ends at noon',
  });
  const snoozed = putAway(memory, id, { ...given, isSnoozed: true });
  expect(calibrationOf(snoozed).rules[0]).toMatchObject({ dismissed: 0 });
  const { last: later } = play([lasting(1, saturated('orders'))], { memory: snoozed, from: 35 });
  expect(later.recommendations).toEqual([]);
  expect(later.notAdvised[0]?.because).toMatch(
    /^ada put it away until \d\d:\d\d UTC: the sale ends at noon$/,
  );
});

test('on a screen it is a table that 80 columns hold, with and without figures', () => {
  const tried = { predicted: 100, low: 90, high: 110, actual: 104 };
  const outcomes = [
    outcome(true, 0.93, { cpu: tried, latencyP99Ms: tried }),
    outcome(false, 0.91, { strength: 0.1 }),
  ];
  const head = { version: 1, app: 'shop', at: '' } as const;
  const text = describeCalibration({ ...head, ...calibrationOf({ outcomes, dismissals: [] }) });
  expect(text).toMatch(/^scale_up {12}2 {2}1 \(50 %\) {8}\d+ % of \d+ +0\n/m);
  expect(text).toMatch(/^ {2}from 0 % {10}1 {2}0 \(0 %\) {9}\d+ % of \d+\n/m);
  expect(text).toContain('0.9 to 1.0           2  92 %    50 %\n');
  expect(text).toMatch(/P99 +1 +3\.8 % +3\.8 % +100 % +0 %\n/);
  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  expect(describeCalibration({ ...head, ...calibrationOf(initialMemory) })).toContain(
    'No advice was followed yet',
  );
});
