import { describe, expect, test } from 'vitest';
import { enoughFor, planOf } from '../../../src/advisor/capacity/plan.ts';
import { addPoint, toPoint } from '../../../src/advisor/history/point.ts';
import { emptyServiceMemory, type Point } from '../../../src/advisor/memory/memory.ts';
import { isDraft } from '../../../src/advisor/rules/draft.ts';
import { giveBack } from '../../../src/advisor/rules/give-back.ts';
import type { Situation } from '../../../src/advisor/situation.ts';
import { defaultThresholds } from '../../../src/protocol/thresholds.ts';
import { second, serviceView } from '../../helpers/advisor.ts';

/** Twelve workers that stood idle for long enough, at a steady rate or as it was in each second. */
const idle = (
  arrivalsPerSecond: number,
  arriving = (_second: number): number => arrivalsPerSecond,
): Situation => {
  const cores = (arrivalsPerSecond * 10) / 1_000;
  const view = { workers: 12, busy: (cores / 12) * 100, arrivalsPerSecond, p99: 80 };
  const service = serviceView('orders', view);
  const points = Array.from({ length: 70 }, (_, index) => index).reduce<readonly Point[]>(
    (before, index) => {
      const seen = serviceView('orders', { ...view, arrivalsPerSecond: arriving(index) });
      return addPoint(before, toPoint(second(index), seen, before.at(-1)));
    },
    [],
  );
  const known = {
    ...emptyServiceMemory,
    points,
    demand: { ms: 10, requests: 500 },
    spareSeconds: 10_000,
  };
  const plan = planOf(known, service, defaultThresholds.latencyP99.critical);
  const queue = {
    workers: 12,
    load: cores,
    demandMs: 10,
    arrivalsPerSecond,
    intrinsicMeanMs: 10,
    intrinsicP99Ms: 50,
    kappa: 4,
    busy: view.busy,
    p99: 80,
    pending: 1,
  };
  // What no rule about a load asks for is left out.
  return {
    service,
    plan,
    queue,
    history: known,
    scaled: [],
    thresholds: defaultThresholds,
    members: [service],
    known: {},
    idleForMs: 60_000,
    at: second(70),
  } as unknown as Situation;
};

const stretch = {
  seconds: 10,
  meanBusy: 50,
  peakCores: 8,
  minMemoryMb: 80,
  maxSliceMs: 5,
};

/** How many would stay; all of them when it says no. */
const staying = (situation: Situation): number => {
  const said = giveBack(situation);
  return said !== undefined && isDraft(said) ? Number(said.details['suggestedWorkers']) : 12;
};

describe('of idle workers', () => {
  test('as many stay as carry what chance may add in the next minutes', () => {
    const rates = Array.from({ length: 40 }, (_, index) => 200 + 20 * index);
    const tight = rates.filter((rate) => {
      const situation = idle(rate);
      const { plan } = situation;
      if (plan === undefined) throw new Error('There is no plan');
      expect(staying(situation)).toBeGreaterThanOrEqual(enoughFor(rate * 1.035, plan));
      return staying(situation) > plan.enough;
    });
    // Of most loads the workers that carry it have that much room.
    expect(tight.length).toBeGreaterThan(0);
    expect(tight.length).toBeLessThan(rates.length);
  });

  test('few of many are not taken back while the load grows', () => {
    const grows = (situation: Situation, perStretch: number): Situation => {
      const stretches = Array.from({ length: 40 }, (_, index) => ({
        ...stretch,
        at: second(index * 10),
        meanArrivals: 600 + perStretch * index,
      }));
      return { ...situation, history: { ...situation.history, stretches } };
    };
    const [few, many] = [idle(800), idle(400)];
    expect(staying(grows(few, 0))).toBeLessThan(12);
    expect(staying(grows(few, 5))).toBe(12);
    expect(staying(grows(many, 5))).toBeLessThan(9);
  });

  test('none are taken back in the first seconds of growth', () => {
    expect(staying(idle(400))).toBeLessThan(12);
    expect(staying(idle(400, (at) => (at < 67 ? 400 : 430)))).toBe(12);
    expect(staying(idle(400, (at) => (at < 67 ? 400 : 405)))).toBeLessThan(12);
    expect(staying(idle(400, (at) => (at < 60 ? 400 : 370)))).toBeLessThan(12);
  });

  test('none are taken back of a service whose loop was just blocked', () => {
    const blockedFor = (maxSliceMs: number): Situation => {
      const situation = idle(400);
      const stretches = Array.from({ length: 8 }, (_, index) => ({
        ...stretch,
        at: second(index * 10 - 10),
        meanArrivals: 400,
        maxSliceMs: index === 4 ? maxSliceMs : 5,
      }));
      return { ...situation, history: { ...situation.history, stretches } };
    };
    expect(staying(blockedFor(90))).toBeLessThan(12);
    const { plan } = idle(400);
    const ofLonger = (ms: number) =>
      ({ ...blockedFor(ms), plan: { ...plan, demandMs: 15 } }) as Situation;
    expect(staying(ofLonger(140))).toBeLessThan(12);
    expect(staying(ofLonger(160))).toBe(12);
    expect(staying(blockedFor(600))).toBe(12);
  });

  test('after two turns in an hour those stay that the load needed when it grew before', () => {
    const grewTo = (peak: number): Situation => {
      const situation = idle(200);
      const stretches = Array.from({ length: 120 }, (_, index) => ({
        ...stretch,
        at: second(index * 10),
        meanArrivals: index < 40 ? 200 : index < 80 ? peak : 200,
      }));
      // All of it in the last hour, and nothing in the last ten minutes.
      const scaled = [
        { direction: 'up', at: second(-3_000) },
        { direction: 'down', at: second(-2_500) },
        { direction: 'up', at: second(-2_200) },
      ];
      return {
        ...situation,
        scaled,
        history: { ...situation.history, stretches },
      } as unknown as Situation;
    };
    expect(staying(grewTo(600))).toBeGreaterThan(staying(idle(200)));
    expect(staying(grewTo(600))).toBeLessThan(12);
    expect(staying(grewTo(900))).toBeGreaterThan(staying(grewTo(600)));
  });
});
