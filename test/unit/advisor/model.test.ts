import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectWith, predict } from '../../../src/advisor/model/prediction.ts';
import { intrinsicP99, learnKappa, type Queue } from '../../../src/advisor/model/queue.ts';
import { workersFor } from '../../../src/advisor/model/sizing.ts';
import { waitShares } from '../../../src/advisor/model/slices.ts';
import { trendOf } from '../../../src/advisor/model/trend.ts';
import { waitFactor } from '../../../src/advisor/model/wait.ts';
import { simulatedService } from '../../../src/simulator/engine/app.ts';
import { Engine } from '../../../src/simulator/engine/engine.ts';
import { seed } from '../../helpers/seed.ts';

const holds = <T extends [unknown, ...unknown[]]>(property: fc.IProperty<T>): void => {
  fc.assert(property, { seed });
};

const workers = fc.integer({ min: 1, max: 40 });
const load = fc.double({ min: 0.01, max: 39, noNaN: true });
const upTo = (max: number) => fc.double({ min: 0.1, max, noNaN: true });

const queue: fc.Arbitrary<Queue> = fc.record({
  workers,
  load,
  demandMs: upTo(100),
  arrivalsPerSecond: upTo(1_000),
  intrinsicMeanMs: upTo(200),
  intrinsicP99Ms: upTo(500),
  kappa: upTo(8),
  busy: upTo(100),
  p99: upTo(2_000),
  pending: upTo(500),
});

describe(`the queue (seed ${seed})`, () => {
  test('more workers never make the wait longer, and more load never shorter', () => {
    holds(
      fc.property(workers, load, (n, a) => {
        const wait = waitFactor(n, a);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(waitFactor(n + 1, a)).toBeLessThanOrEqual(wait + 1e-9);
        expect(waitFactor(n, a * 1.01)).toBeGreaterThanOrEqual(wait - 1e-9);
      }),
    );
  });

  test('one worker is the textbook’s M/M/1, and nothing waits for ever but what does not fit', () => {
    expect(waitFactor(1, 0.5)).toBeCloseTo(1, 10);
    expect(waitFactor(1, 0.9)).toBeCloseTo(9, 10);
    expect(waitFactor(3, 0)).toBe(0);
    expect(waitFactor(2, 2)).toBe(Number.POSITIVE_INFINITY);
  });

  test.each([
    [2, 0.7],
    [3, 0.8],
    [6, 0.8],
    [12, 0.7],
    [12, 0.9],
  ])('%i workers that are busy for %f of their time wait as long as in simulation', (n, busy) => {
    const service = simulatedService('a', {
      steps: [{ type: 'cpu', ms: 20 }],
      workers: n,
      requestsPerSecond: busy * n * 50,
    });
    let total = 0;
    let count = 0;
    const app = { cores: 64, memoryMb: 1_024, startDelayMs: 0, routing: 'p2c' as const };
    const engine = new Engine({
      app: { ...app, services: [service] },
      seed: 1,
      onAnswered: (_member, latencyMs) => {
        total += latencyMs;
        count += 1;
      },
    });
    while (count < 30_000) engine.second();
    const waited = (total / count - 20) / 20;
    expect(waitFactor(n, busy * n) / waited).toBeGreaterThan(0.85);
    expect(waitFactor(n, busy * n) / waited).toBeLessThan(1.15);
  });
});

describe(`a prediction (seed ${seed})`, () => {
  test('spreads the load evenly over the workers', () => {
    holds(
      fc.property(queue, workers, (seen, n) => {
        const { busy } = expectWith(seen, n);
        if (seen.load <= n) expect((busy * n) / 100).toBeCloseTo(seen.load, 6);
        else expect(busy).toBe(100);
      }),
    );
  });

  test('falls with every worker, and never below what a request takes alone', () => {
    holds(
      fc.property(queue, workers, (seen, n) => {
        const [fewer, more] = [expectWith(seen, n), expectWith(seen, n + 1)];
        if (more.p99 === undefined) expect(fewer.p99).toBeUndefined();
        else {
          expect(more.p99).toBeGreaterThanOrEqual(seen.intrinsicP99Ms);
          expect(more.p99).toBeLessThanOrEqual((fewer.p99 ?? Number.POSITIVE_INFINITY) + 1e-9);
        }
      }),
    );
  });

  test('has its value inside its interval, and gives none for a queue that would only grow', () => {
    holds(
      fc.property(queue, workers, (seen, n) => {
        const { cpu, latencyP99Ms } = predict(seen, n);
        for (const one of [cpu, latencyP99Ms]) {
          if (one === undefined) continue;
          expect(one.low).toBeLessThanOrEqual(one.to);
          expect(one.high).toBeGreaterThanOrEqual(one.to);
        }
        expect(latencyP99Ms === undefined).toBe(seen.load / n >= 0.95);
      }),
    );
  });

  const seen = {
    workers: 2,
    load: 1,
    demandMs: 10,
    intrinsicMeanMs: 15,
    intrinsicP99Ms: 40,
    kappa: 4,
    busy: 50,
    p99: 60,
    pending: 2,
  };
  const rangeOf = (given: Partial<Queue>, workers: number, measuredFor?: number) => {
    const queue: Queue = { ...seen, arrivalsPerSecond: 1_000, ...given };
    const { low = 1, high = 0, to = 1 } = predict(queue, workers, measuredFor).latencyP99Ms ?? {};
    return { below: to / low, above: high / to };
  };
  const widthOf = (...of: Parameters<typeof rangeOf>): number => rangeOf(...of).above;

  test('is the less exact, the shorter what came was measured, and never as exact as it was shown', () => {
    const shown = widthOf({}, 3);
    const widths = [15, 60, 3_600].map((measuredFor) => widthOf({}, 3, measuredFor));
    expect(widths).toEqual(widths.toSorted((a, b) => b - a));
    expect((widths[2] ?? 0) - 1).toBeGreaterThan((shown - 1) * 1.15);
  });

  test('is the less exact, the less was seen of other queues and the more workers change', () => {
    const ofKnown = [0, 0.5, 1].map((known) => widthOf({ known, load: 1.6 }, 4));
    expect(ofKnown).toEqual(ofKnown.toSorted((a, b) => b - a));
    expect(ofKnown[0]).toBeGreaterThan((ofKnown[2] ?? 0) + 0.1);
    expect(widthOf({ load: 1.6 }, 4)).toBeGreaterThan(widthOf({ load: 1.6 }, 3));
    expect(widthOf({ load: 2.5 }, 4)).toBeLessThan(3);
  });

  test('is the less exact, the fewer requests tell it', () => {
    const widths = [10, 100, 1_000].map((arrivalsPerSecond) => widthOf({ arrivalsPerSecond }, 3));
    expect(widths).toEqual(widths.toSorted((a, b) => b - a));
    expect(widths[0]).toBeGreaterThan((widths[2] ?? 0) + 0.1);
  });

  test('is the less exact, the more unequal they are and the shorter they were seen', () => {
    const ofScatter = [5, 2, 1.25].map((scatter) => widthOf({ scatter }, 3));
    expect(ofScatter).toEqual(ofScatter.toSorted((a, b) => b - a));
    const ofSeconds = [5, 60, 300].map((seconds) => widthOf({ seconds }, 3));
    expect(ofSeconds).toEqual(ofSeconds.toSorted((a, b) => b - a));
  });

  test('may rather be too low than too high, when few requests come in bunches', () => {
    const few = rangeOf({ arrivalsPerSecond: 10, seconds: 150 }, 3);
    expect(few.above).toBeGreaterThan(few.below + 0.05);
    const many = rangeOf({ seconds: 150 }, 3);
    expect(many.above).toBeCloseTo(many.below, 1);
  });

  test('of so many workers as there are is the P99 that there is', () => {
    const seen = { workers: 2, load: 1.6, demandMs: 10, intrinsicP99Ms: 40, p99: 140 };
    const kappa = learnKappa(seen);
    const now = {
      ...seen,
      kappa,
      arrivalsPerSecond: 160,
      intrinsicMeanMs: 15,
      busy: 80,
      pending: 4,
    };
    expect(expectWith(now, 2).p99).toBeCloseTo(140, 0);
  });

  test('learns nothing from a queue that has not settled', () => {
    const seen = { workers: 1, load: 0.97, demandMs: 10, intrinsicP99Ms: 40, p99: 9_000 };
    expect(learnKappa(seen)).toBe(4);
    expect(learnKappa({ ...seen, demandMs: 0 })).toBe(4);
  });

  test('takes the wait off the P99 that a request has without it', () => {
    const seen = { p99: 300, loopWaitMs: 60, intrinsicMeanMs: 20 };
    expect(intrinsicP99(seen)).toBe(60);
    expect(intrinsicP99({ ...seen, calmP99: 45 })).toBe(45);
    expect(intrinsicP99({ ...seen, calmP99: 5 })).toBe(20);
    expect(intrinsicP99({ ...seen, loopWaitMs: 0 })).toBe(300);
  });
});

describe(`sizing (seed ${seed})`, () => {
  const goal = { busy: 0.8, p99Ms: 100 };

  test('gives the fewest workers that carry the load', () => {
    holds(
      fc.property(queue, (seen) => {
        const n = workersFor(seen, goal);
        expect(seen.load / n).toBeLessThanOrEqual(goal.busy + 1e-9);
        if (n === 1) return;
        const fewer = expectWith(seen, n - 1);
        const isEnough = seen.load / (n - 1) <= goal.busy && (fewer.p99 ?? Infinity) <= goal.p99Ms;
        expect(isEnough).toBe(false);
      }),
    );
  });

  test('never buys idle workers for a wait that is elsewhere', () => {
    holds(
      fc.property(queue, (seen) => {
        const endless = { ...seen, intrinsicP99Ms: 10_000 };
        expect(workersFor(endless, goal)).toBeLessThanOrEqual(
          Math.max(1, Math.ceil(seen.load / 0.3)),
        );
      }),
    );
  });
});

describe(`a trend (seed ${seed})`, () => {
  const slope = fc.double({ min: -50, max: 50, noNaN: true });
  const line = (perSecond: number) =>
    Array.from({ length: 15 }, (_, second) => ({
      at: second * 1_000,
      value: 100 + second * perSecond,
    }));

  test('is the slope of a line', () => {
    holds(
      fc.property(slope, (perSecond) => {
        expect(trendOf(line(perSecond)).perSecond).toBeCloseTo(perSecond, 6);
      }),
    );
  });

  test('is not turned by two wild values', () => {
    const wild = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const place = fc.integer({ min: 0, max: 14 });
    holds(
      fc.property(slope, fc.tuple(place, wild), fc.tuple(place, wild), (perSecond, ...outliers) => {
        const series = line(perSecond);
        for (const [index, value] of outliers) series[index] = { at: index * 1_000, value };
        expect(trendOf(series).perSecond).toBeCloseTo(perSecond, 6);
      }),
    );
  });

  test('rises when nearly all pairs do, and a flat or empty one does not', () => {
    expect(trendOf(line(1)).rises).toBe(true);
    expect(trendOf(line(0)).rises).toBe(false);
    expect(trendOf([])).toEqual({ perSecond: 0, rises: false });
    const steps = line(0).map((one, index) => ({ ...one, value: index < 8 ? 1 : 9 }));
    expect(trendOf(steps).rises).toBe(false);
  });
});

test('one slice of 200 ms weighs as much as 40,000 of 1 ms', () => {
  const shares = waitShares([
    { service: 'long', sumOfSquaresMs2PerSecond: 200 ** 2 },
    { service: 'short', sumOfSquaresMs2PerSecond: 40_000 },
  ]);
  expect(Object.fromEntries(shares)).toEqual({ long: 0.5, short: 0.5 });
  const none = waitShares([{ service: 'idle', sumOfSquaresMs2PerSecond: 0 }]);
  expect(none.get('idle')).toBe(0);
});

test('a measured intrinsic P99 is taken for what it is, and not less than what one may wait outside', () => {
  const seen = { p99: 320, loopWaitMs: 60, intrinsicMeanMs: 55 };
  expect(intrinsicP99(seen)).toBe(80);
  expect(intrinsicP99({ ...seen, measured: 230 })).toBe(230);
  expect(intrinsicP99({ ...seen, measured: 20 })).toBe(55);
  expect(intrinsicP99({ ...seen, measured: 900, calmP99: 240 })).toBe(240);
});

test('the noise of a P99 is not taken for the tail of a queue', () => {
  const idle = { workers: 3, load: 0.95, demandMs: 8, intrinsicP99Ms: 70, p99: 80 };
  expect(learnKappa(idle)).toBeGreaterThan(3.5);
  expect(learnKappa(idle)).toBeLessThan(6);
  const busy = { workers: 1, load: 0.85, demandMs: 10, intrinsicP99Ms: 40, p99: 400 };
  expect(learnKappa(busy)).toBeCloseTo(36 / (0.85 / 0.15), 0);
});
