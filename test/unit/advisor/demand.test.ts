import { describe, expect, test } from 'vitest';
import { demandOf, learnDemand } from '../../../src/advisor/capacity/demand.ts';
import { emptyServiceMemory } from '../../../src/advisor/memory/memory.ts';
import { pointsOf } from '../../helpers/advisor.ts';

describe('what a request needs', () => {
  const free = { busy: 50, arrivalsPerSecond: 100 };

  test('is that of the seconds in which workers had time to spare', () => {
    const points = pointsOf(60, (at) => (at < 40 ? free : { ...free, busy: 100 }));
    const calm = points.slice(0, 45);
    expect(
      demandOf({ ...emptyServiceMemory, points: calm, demand: { ms: 5, requests: 500 } }).ms,
    ).toBeCloseTo(5);
  });

  test('is seen in full workers as well, once they have been full for ten seconds', () => {
    const heavier = { busy: 100, arrivalsPerSecond: 100 };
    const points = pointsOf(60, (at) => (at < 49 ? free : heavier));
    expect(
      demandOf({ ...emptyServiceMemory, points, demand: { ms: 5, requests: 500 } }).ms,
    ).toBeCloseTo(10);
    const same = pointsOf(60, (at) => (at < 49 ? free : { busy: 100, arrivalsPerSecond: 190 }));
    expect(
      demandOf({ ...emptyServiceMemory, points: same, demand: { ms: 5, requests: 500 } }).ms,
    ).toBe(5);
  });
});

describe('what a request was seen to need', () => {
  const known = { ms: 20, requests: 500 };

  test('stays when a quiet minute has a few others, and when it has none', () => {
    expect(learnDemand(known, { ms: 8, requests: 4 }).ms).toBeCloseTo(20, 1);
    expect(learnDemand(known, { ms: 0, requests: 0 })).toEqual(known);
  });

  test('is another at once when as many tell so, or so few of so much that it is no chance', () => {
    expect(learnDemand(known, { ms: 26, requests: 400 }).ms).toBe(26);
    expect(learnDemand(known, { ms: 60, requests: 25 }).ms).toBe(60);
    expect(learnDemand({ ms: 20, requests: 5 }, { ms: 30, requests: 60 }).ms).toBe(30);
  });

  test('follows slowly what differs a little, and more slowly the fewer tell it', () => {
    expect(learnDemand(known, { ms: 22, requests: 1_000 }).ms).toBeCloseTo(20.04);
    expect(learnDemand(known, { ms: 22, requests: 50 }).ms).toBeCloseTo(20.004);
  });
});
