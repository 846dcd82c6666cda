import { expect, test } from 'vitest';
import { Capacity } from '../../../src/simulator/capacity.ts';
import { advisor, settingsFor } from '../../../src/simulator/policies/advisor.ts';
import { defaultSetup, peakRate } from '../../../src/simulator/setup.ts';
import { type Outcome, simulate } from '../../../src/simulator/simulate.ts';
import { scaledTo } from '../../../src/simulator/trace.ts';
import { syntheticTrace } from '../../helpers/traces.ts';

/** A load that becomes more every minute, with so many actions allowed in an hour. */
const climbing = (actionsPerHour: number): Outcome => {
  const settings = settingsFor(defaultSetup.sloMs);
  const policy = advisor({ ...settings, autopilot: { actionsPerHour } });
  const trace = {
    name: 'climbing',
    stepSeconds: 60,
    requestsPerSecond: [60, 120, 180, 240],
  };
  const workers = new Capacity(defaultSetup).workersFor(60);
  return simulate({ trace, setup: defaultSetup, policy, workers });
};

test('in a simulation the autopilot acts as often as it may, and no more', () => {
  expect(climbing(30).changes.length).toBeGreaterThan(2);
  expect(climbing(2).changes).toHaveLength(2);
});

test('in a simulation a third of the actions is kept for adding workers', () => {
  const ups = climbing(3).changes.map(({ from, to }) => to > from);
  expect(ups).toEqual([true, true, true]);
});

const tenMinutes = 600;

test('in a simulation workers are taken back soon after each fall, and not missed soon after', () => {
  const { changes } = simulate({
    trace: scaledTo(syntheticTrace('sawtooth', 4), peakRate(defaultSetup)),
    setup: defaultSetup,
    policy: advisor(settingsFor(defaultSetup.sloMs)),
    workers: 3,
  });
  const soon = changes.flatMap(({ from, to, second }, index) => {
    const before = changes[index - 1];
    if (before === undefined || second - before.second >= tenMinutes) return [];
    return to > from === before.to > before.from ? [] : [to > from ? 'more' : 'fewer'];
  });
  expect(soon).toEqual(['fewer', 'fewer']);
});
