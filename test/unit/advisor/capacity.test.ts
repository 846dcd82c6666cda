import { describe, expect, test } from 'vitest';
import { arrivingNow, growthIn } from '../../../src/advisor/capacity/arrivals.ts';
import { planOf, startMargin } from '../../../src/advisor/capacity/plan.ts';
import { isGrowing, mayComeBack } from '../../../src/advisor/capacity/regrowth.ts';
import {
  areTurnsSpent,
  idleSeconds,
  isEarly,
  lastTurnShare,
  patience,
} from '../../../src/advisor/capacity/reversals.ts';
import { emptyTail } from '../../../src/advisor/capacity/tail.ts';
import {
  type Direction,
  type Done,
  emptyServiceMemory,
  type Stretch,
} from '../../../src/advisor/memory/memory.ts';
import type { Queue } from '../../../src/advisor/model/queue.ts';
import { waitFactor } from '../../../src/advisor/model/wait.ts';
import { comingIn } from '../../../src/advisor/rules/scale-ahead.ts';
import { settingsOf } from '../../../src/advisor/settings.ts';
import {
  calm,
  lasting,
  play,
  pointsOf,
  saidBy,
  saturated,
  second,
  serviceView,
} from '../../helpers/advisor.ts';

const stretchesOf = (seconds: number, rate: (second: number) => number): readonly Stretch[] =>
  Array.from({ length: seconds / 10 }, (_, index) => ({
    at: second(index * 10),
    seconds: 10,
    meanBusy: 50,
    meanArrivals: rate(index * 10),
    peakCores: 1,
    minMemoryMb: 80,
    maxSliceMs: 3,
  }));
const tooth = (second: number) => 25 + (75 * (second % 1_500)) / 1_500;

describe('workers are taken back', () => {
  const scaled = (...changes: readonly (readonly [Direction, number])[]): readonly Done[] =>
    changes.map(([direction, at]) => ({
      actionId: `a-${at}`,
      service: 'orders',
      direction,
      at: second(at),
    }));
  const now = second(3_000);
  const never = Number.POSITIVE_INFINITY;

  test('within ten minutes of the last ones that came while a turn is left, and when it saves much', () => {
    expect(patience(scaled(['up', 2_900]), now, 0.5)).toBeLessThan(never);
    expect(patience(scaled(['up', 2_900]), now, 0.9)).toBe(never);
    expect(patience(scaled(['up', 2_500]), now, 0.5)).toBe(never);
    const once = scaled(['up', 100], ['down', 900], ['up', 1_200], ['up', 2_900]);
    expect(patience(once, now, 0.5)).toBeLessThan(never);
    const twice = scaled(['up', 100], ['down', 900], ['up', 1_200], ['down', 1_500], ['up', 2_900]);
    expect(patience(twice, now, 0.5)).toBe(never);
  });

  test('early, as long as that is less than ten minutes ago', () => {
    const early = scaled(['up', 100], ['down', 500], ['down', 560]);
    expect(isEarly(early, second(700))).toBe(true);
    expect(isEarly(early, second(1_200))).toBe(false);
    expect(isEarly(scaled(['up', 100], ['down', 800]), second(900))).toBe(false);
    expect(isEarly(scaled(['up', 100], ['down', 500], ['up', 600]), second(700))).toBe(false);
    expect(isEarly(scaled(['down', 500]), second(700))).toBe(false);
  });

  test('sooner the deeper the fall, and few of many as late as the first time', () => {
    const half = patience(scaled(['up', 2_300]), now, 0.5);
    expect(half).toBeLessThan(patience(scaled(['up', 2_300]), now, 0.7));
    expect(patience(scaled(['up', 2_300]), now, 0.9)).toBe(patience([], now, 0.9));
    expect(patience(scaled(['down', 2_300]), now, 0.9)).toBeLessThan(patience([], now, 0.9));
  });

  test('later after a turn in the last hour', () => {
    const once = scaled(['up', 100], ['down', 900], ['up', 1_200]);
    const twice = [...once, ...scaled(['down', 1_900], ['up', 2_200])];
    const wait = idleSeconds.map((base) => base / 0.7);
    expect(patience(scaled(['up', 100]), now, 0.5)).toBeCloseTo((wait[0] ?? 0) / 2);
    expect(patience(once, now, 0.5)).toBeCloseTo((wait[1] ?? 0) / 2);
    expect(patience(twice, now, 0.5)).toBeCloseTo((wait[1] ?? 0) / 2);
    expect(areTurnsSpent(once, now)).toBe(false);
    expect(areTurnsSpent(twice, now)).toBe(true);
    expect(areTurnsSpent(twice, second(1_200 + 3_601))).toBe(false);
  });

  test('the last time in an hour only when it is worth it, unless it goes on to fall', () => {
    const once = scaled(['up', 100], ['down', 900], ['up', 1_200]);
    expect(patience(once, now, lastTurnShare)).toBeLessThan(never);
    expect(patience(once, now, lastTurnShare + 0.01)).toBe(never);
    const falling = [...once, ...scaled(['down', 1_900])];
    expect(patience(falling, now, 0.9)).toBeLessThan(never);
  });
});

describe('what may come back before workers could be taken back again', () => {
  test('is as much as came in ten minutes before', () => {
    expect(mayComeBack(stretchesOf(1_600, tooth), 30)).toBeCloseTo(60);
  });

  test('and no more than ever came', () => {
    const step = (second: number) => (second < 900 ? 10 : 100);
    expect(mayComeBack(stretchesOf(1_600, step), 30)).toBe(100);
  });

  test('is not known in the first minutes, nor of a load that has not fallen', () => {
    expect(mayComeBack(stretchesOf(500, tooth), 10)).toBe(Number.POSITIVE_INFINITY);
    expect(mayComeBack(stretchesOf(1_600, tooth), 80)).toBe(Number.POSITIVE_INFINITY);
  });
});

test('a load grows when more came in two minutes than chance makes of what came before', () => {
  expect(isGrowing(stretchesOf(1_000, tooth))).toBe(true);
  expect(isGrowing(stretchesOf(1_000, (at) => 100 - at / 50))).toBe(false);
  expect(isGrowing(stretchesOf(1_000, (at) => (at < 880 ? 100 : 101)))).toBe(false);
  expect(isGrowing(stretchesOf(200, tooth))).toBe(false);
});

test('a jump is taken at its word in its first second, with a little room for chance', () => {
  const points = pointsOf(60, (at) => ({ busy: 50, arrivalsPerSecond: at < 59 ? 40 : 400 }));
  const { perSecond, room } = arrivingNow(points);
  expect(perSecond).toBe(400);
  expect(room).toBeGreaterThan(0);
  expect(room).toBeLessThan(Math.sqrt(400));
});

describe('what a load needs', () => {
  /** What was learned of P99 while requests piled up: it was 400 ms, whatever the queue was. */
  const tail = { ...emptyTail, seconds: 8, waitMs: 40, waitMs2: 200, p99: 3_200, waitP99: 16_000 };
  const planAt = (arrivalsPerSecond: number) => {
    const view = { busy: 50, workers: 4, arrivalsPerSecond, p99: 120 };
    const points = pointsOf(20, () => view);
    const known = { ...emptyServiceMemory, points, tail, demand: { ms: 10, requests: 500 } };
    const plan = planOf(known, serviceView('orders', view), 500);
    if (plan === undefined) throw new Error('There is no plan');
    return plan;
  };

  test('is not told by a P99 without wait that is longer than the one with it', () => {
    expect(planAt(200).line.intrinsicP99Ms).toBeLessThanOrEqual(120);
  });

  test('is guessed from a P99 and the workers that it was of', () => {
    const before: Queue = {
      workers: 2,
      load: 1.7,
      demandMs: 10,
      arrivalsPerSecond: 170,
      intrinsicMeanMs: 20,
      intrinsicP99Ms: 60,
      kappa: 4,
      busy: 85,
      p99: 200,
      pending: 5,
    };
    const view = { busy: 43, workers: 4, arrivalsPerSecond: 170, p99: 200 };
    const points = pointsOf(20, () => view);
    const known = {
      ...emptyServiceMemory,
      points,
      demand: { ms: 10, requests: 500 },
      queue: { ...before, workers: 4 },
    };
    const intrinsicAt = (at: number) => {
      const changed = { at: second(at), before };
      return planOf({ ...known, changed }, serviceView('orders', view), 500)?.line.intrinsicP99Ms;
    };
    expect(intrinsicAt(17)).toBeCloseTo(200 - 4 * 10 * waitFactor(2, 1.7));
    expect(intrinsicAt(10)).toBeCloseTo(200 - 4 * 10 * waitFactor(4, 1.7));
  });

  test('is told by what was learned as long as hardly anything is answered', () => {
    expect(planAt(2).line.intrinsicP99Ms).toBeGreaterThan(300);
  });
});

describe('a load is told as it was seen', () => {
  const calmly = calm(serviceView('orders', { busy: 30, arrivalsPerSecond: 60 }));
  const settings = settingsOf({ scaling: { autoExecute: true } });
  const { last, memory } = play([calmly, { seconds: 1, services: [saturated('orders')] }], {
    settings,
  });

  test('in the sentence and in the numbers, and the room for chance goes with the cores', () => {
    const [advice] = last.recommendations;
    expect(advice?.reason).toMatch(/^200 requests a second, with room for chance, need /);
    expect(advice?.details['requestsPerSecond']).toBe(200);
    const { load, demandMs, room } = memory.services['orders']?.plan ?? {};
    expect(load).toBeCloseTo(((200 + (room?.chance ?? 0)) * (demandMs ?? 0)) / 1_000);
  });

  test('and room of less than a request a second is not worth a word', () => {
    const plan = memory.services['orders']?.plan;
    if (plan === undefined) throw new Error('There is no plan');
    expect(comingIn({ ...plan, room: { chance: 0.4, growth: 0 } })).toBe('200 requests a second');
    expect(comingIn({ ...plan, room: { chance: 6, growth: 40 } })).toBe(
      '200 requests a second, with room for growth and chance,',
    );
  });
});

describe('workers that did not help', () => {
  const settings = settingsOf({ scaling: { autoExecute: true } });
  const failed = { service: 'orders', action: 'scale_up', helped: false, at: second(60) } as const;
  const tried = { actionId: 'one', service: 'orders', direction: 'up', at: second(60) } as const;
  const seen = (busy: number, arrivalsPerSecond: number) =>
    lasting(60, serviceView('orders', { workers: 2, busy, arrivalsPerSecond }));

  /** A minute after they did not help with 150 requests a second. */
  const saidOf = (busy: number, arrivalsPerSecond: number): readonly string[] => {
    const before = play([seen(75, 150)], { settings }).memory;
    const memory = { ...before, outcomes: [failed], done: [{ ...tried, cores: 1.5 }] };
    return saidBy(play([seen(busy, arrivalsPerSecond)], { settings, memory, from: 61 }).last);
  };

  test('are not added again for the same load, and are for one that has grown', () => {
    expect(saidOf(95, 170)).not.toContain('scale_up orders');
    expect(saidOf(95, 200)).toContain('scale_up orders');
  });

  test('are not added again where only the time of each request has grown', () => {
    expect(saidOf(98, 150)).not.toContain('scale_up orders');
  });
});

describe('growth', () => {
  const growthAfter = (rate: (second: number) => number): number => {
    const points = pointsOf(60, (at) => ({ arrivalsPerSecond: rate(at) }));
    return growthIn(6, points, rate(59));
  };

  test('of a few seconds is believed to go on for as many', () => {
    const growth = growthAfter((at) => 100 + 16 * Math.max(0, at - 54));
    expect(growth).toBeGreaterThan(40);
    expect(growth).toBeLessThan(96);
  });

  test('is neither chance nor a jump', () => {
    expect(growthAfter((at) => (at % 2 === 0 ? 92 : 108))).toBe(0);
    expect(growthAfter((at) => (at < 57 ? 40 : 400))).toBe(0);
  });
});

test('that P99 is met with workers to spare says nothing of fewer', () => {
  const settings = settingsOf({ scaling: { autoExecute: true } });
  const marginWith = (workers: number, busy: number): number => {
    const one = serviceView('orders', { workers, busy, arrivalsPerSecond: 100, p99: 80 });
    const { margin = 0 } = play([lasting(90, one)], { settings }).memory.services['orders'] ?? {};
    return margin;
  };
  expect(marginWith(8, 8)).toBe(startMargin);
  expect(marginWith(1, 64)).toBeGreaterThan(startMargin);
});
