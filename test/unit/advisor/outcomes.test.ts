import { describe, expect, test } from 'vitest';
import { failuresInARow } from '../../../src/advisor/advice/trust.ts';
import { actionDone } from '../../../src/advisor/advisor.ts';
import type { Memory, Outcome } from '../../../src/advisor/memory/memory.ts';
import { confidenceAfter, priorOf, sureEnough } from '../../../src/advisor/model/confidence.ts';
import { evidenceBins } from '../../../src/advisor/model/evidence-bins.ts';
import type { ServiceView } from '../../../src/advisor/view.ts';
import type { Recommendation } from '../../../src/protocol/advice.ts';
import {
  calm,
  lasting,
  lonely,
  longSlices,
  minutes,
  type Played,
  play,
  quarter,
  type Scene,
  saidBy,
  saturated,
  second,
  serviceView,
  splitOf,
} from '../../helpers/advisor.ts';

/** Accepts the first advice, at the second after the last that was played. */
const accept = (played: Played, at: number): Memory => {
  const [recommendation] = played.last.recommendations;
  if (recommendation === undefined) throw new Error('Nothing was advised');
  return actionDone(played.memory, { ...doneBy(recommendation), at: second(at) });
};
const doneBy = (recommendation: Recommendation) => ({
  actionId: 'action-1',
  service: recommendation.service,
  direction: 'up' as const,
  recommendation,
});

const orders = (given: Parameters<typeof serviceView>[1] = {}): ServiceView =>
  serviceView('orders', { workers: 2, arrivalsPerSecond: 200, ...given });
const overload = [calm(orders({ workers: 1, busy: 30 })), quarter(saturated('orders'))];
const stillSlow = saturated('orders', { workers: 2, busy: 60, p99: 590 });

describe('the verdict on more workers', () => {
  const rows: readonly (readonly [string, ServiceView, boolean])[] = [
    ['helped when P99 came down', orders({ busy: 50, p99: 40 }), true],
    ['helped when P99 is halved, though it is over its line', orders({ busy: 60, p99: 290 }), true],
    ['did not help when P99 stayed, though CPU came down', stillSlow, false],
    ['did not help when P99 is only a tenth better', orders({ busy: 60, p99: 540 }), false],
  ];
  test.each(rows)('is that it %s', (_name, after, helped) => {
    const memory = accept(play(overload), 35);
    const played = play([{ seconds: 31, services: [after] }], { memory, from: 35 });
    const verdicts = played.all.flatMap(({ verified }) => verified);
    expect(verdicts).toHaveLength(1);
    expect(verdicts[0]).toMatchObject({ actionId: 'action-1', verification: { helped } });
    expect(played.last.verified).toEqual(verdicts);
    expect(played.memory.outcomes.map((one) => one.helped)).toEqual([helped]);
  });

  test('says what was predicted for the load that came', () => {
    const memory = accept(play(overload), 35);
    const { last } = play([{ seconds: 31, services: [orders({ busy: 50, p99: 40 })] }], {
      memory,
      from: 35,
    });
    const { predicted, actual } = last.verified[0]?.verification ?? {};
    expect(predicted?.cpu).toBeCloseTo(50, 0);
    expect(actual).toEqual({ cpu: 50, latencyP99Ms: 40 });
    expect(predicted?.latencyP99Ms).toBeGreaterThan(0);
  });

  test('waits for the load to come back, and gives none the blame when it does not', () => {
    const memory = accept(play(overload), 35);
    const gone: Scene = { seconds: 160, services: [orders({ busy: 1, arrivalsPerSecond: 2 })] };
    const { all, memory: after } = play([gone], { memory, from: 35 });
    const at = all.findIndex(({ verified }) => verified.length > 0);
    expect(at).toBe(150);
    expect(all[at]?.verified[0]?.verification.helped).toBe(false);
    expect(after.outcomes).toEqual([]);
  });
});

test('for a service whose loop was only hot, CPU tells whether it helped', () => {
  const hot = saturated('orders', { p99: 60, pending: 0, split: splitOf({ loopWaitMs: 5 }) });
  const memory = accept(play([calm(orders({ workers: 1 })), quarter(hot)]), 35);
  const after: Scene = { seconds: 31, services: [orders({ busy: 50, p99: 58 })] };
  const { last } = play([after], { memory, from: 35 });
  expect(last.verified[0]?.verification.helped).toBe(true);
});

test('a smaller layout is right as long as nothing gets worse', () => {
  const idle: Scene = { seconds: minutes(31), services: [orders({ workers: 3, busy: 5 })] };
  const played = play([idle]);
  expect(saidBy(played.last)).toEqual(['scale_down orders']);
  const memory = accept(played, idle.seconds);
  const after = (services: readonly ServiceView[]) =>
    play([{ seconds: 31, services }], { memory, from: idle.seconds }).last.verified[0];
  expect(after([orders({ busy: 8 })])?.verification.helped).toBe(true);
  expect(after([saturated('orders', { workers: 2 })])?.verification.helped).toBe(false);
});

test('what nobody advised is right as long as nothing gets worse', () => {
  const { memory } = play([calm(orders())]);
  const done = { actionId: 'a', service: 'orders', direction: 'down', at: second(20) } as const;
  const after = (service: ServiceView) =>
    play([lasting(31, service)], { memory: actionDone(memory, done), from: 20 }).last.verified[0];
  expect(after(orders({ workers: 1, busy: 20 }))?.verification.helped).toBe(true);
  expect(after(saturated('orders'))?.verification.helped).toBe(false);
});

test('a split is judged by its victim', () => {
  const main = { group: 'main', colocatedWith: ['thumbs'], arrivalsPerSecond: 20 };
  const thumbs = { group: 'main', colocatedWith: ['users'], p99: 90 };
  const played = play([
    calm(serviceView('users', main), serviceView('thumbs', thumbs)),
    quarter(
      serviceView('users', { ...main, p99: 210, split: splitOf({ loopWaitMs: 120 }) }),
      serviceView('thumbs', { ...thumbs, slices: longSlices }),
    ),
  ]);
  const memory = accept(played, 35);
  expect(memory.waiting[0]).toMatchObject({ service: 'thumbs', measured: 'users' });
  const after: Scene = {
    seconds: 31,
    services: [serviceView('users', { p99: 9 }), serviceView('thumbs', { p99: 90 })],
  };
  const { last } = play([after], { memory, from: 35 });
  expect(last.verified[0]?.verification).toMatchObject({
    helped: true,
    actual: { latencyP99Ms: 9 },
  });
});

describe('trust', () => {
  const outcome = (helped: boolean, at = 0): Outcome => ({
    service: 'orders',
    action: 'scale_up',
    helped,
    at: second(at),
  });

  const sure = (outcomes: readonly Outcome[], strength = 1): number =>
    confidenceAfter(outcomes)('scale_up', strength).confidence;

  test('grows with what helped and falls with what did not', () => {
    const ten = (helped: boolean) => Array.from({ length: 10 }, () => outcome(helped));
    const none = sure([]);
    expect(none).toBeGreaterThan(0.8);
    expect(sure(ten(false))).toBeCloseTo((none * 20) / 30, 1);
    expect(sure([...ten(false), ...ten(true)])).toBeCloseTo((none * 20 + 10) / 40, 1);
    const split = (outcomes: readonly Outcome[]) => confidenceAfter(outcomes)('split_out', 1);
    expect(split([outcome(false)])).toEqual(split([]));
  });

  test('is that of advice with as much evidence', () => {
    const weak = (helped: boolean): Outcome => ({ ...outcome(helped), strength: 0.3 });
    const since = Array.from({ length: 20 }, () => weak(true));
    expect(sure(since, 0.3)).toBeGreaterThan(sure([], 0.3));
    expect(sure(since, 0.95)).toBe(sure([], 0.95));
    expect(sure([], 0.3)).toBeLessThan(sureEnough);
  });

  test('tells of how many cases it is known, those of this app among them', () => {
    const known = (outcomes: readonly Outcome[]) => confidenceAfter(outcomes)('scale_up', 1).record;
    const { cases, cameTrue } = known([]);
    expect(known([outcome(true), outcome(false)])).toEqual({
      strength: 1,
      cases: cases + 2,
      cameTrue: cameTrue + 1,
    });
  });

  test('is the lower, the fewer cases it is known of, and that of no advice is made up', () => {
    expect(priorOf({ from: 0, cases: 3, cameTrue: 3 })).toBe(0.6);
    expect(priorOf({ from: 0, cases: 0, cameTrue: 0 })).toBe(0);
    for (const bins of Object.values(evidenceBins)) {
      expect(bins.map(({ cases }) => cases)).not.toContain(0);
      expect(bins[0].from).toBe(0);
    }
  });

  test('is lost after two failures in a row, and comes back after half an hour', () => {
    const failures = (...outcomes: readonly Outcome[]): number =>
      failuresInARow(outcomes, 'orders', { action: 'scale_up', at: second(60) });
    expect(failures(outcome(false), outcome(false))).toBe(2);
    expect(failures(outcome(false), outcome(true), outcome(false))).toBe(1);
    expect(failures(outcome(true))).toBe(0);
    expect(failures()).toBe(0);
    expect(failures(outcome(false, -1_800), outcome(false, -1_700))).toBe(1);
  });

  test('what more workers did not cure twice is to be investigated', () => {
    const start = play(overload);
    const memory: Memory = { ...start.memory, outcomes: [outcome(false), outcome(false, 20)] };
    const { last, opened } = play([quarter(saturated('orders'))], { memory, from: 35 });
    expect(opened).toEqual([[39, 'investigate orders']]);
    expect(last.recommendations[0]?.reason).toContain('more workers did not help the last 2 times');
  });

  test('other advice that failed twice is kept back, and says why', () => {
    const pair: Scene = { seconds: minutes(31), services: [lonely('a'), lonely('b')] };
    const start = play([pair]);
    const failed = { service: 'a', action: 'colocate', helped: false } as const;
    const outcomes = [
      { ...failed, at: second(1_700) },
      { ...failed, at: second(1_800) },
    ];
    const { last } = play([{ ...pair, seconds: 6 }], {
      memory: { ...start.memory, outcomes },
      from: pair.seconds,
    });
    expect(last.recommendations).toEqual([]);
    expect(last.notAdvised).toContainEqual({
      service: 'a',
      action: 'colocate',
      because: 'it did not help the last 2 times',
    });
  });
});
