import { describe, expect, test } from 'vitest';
import { advise } from '../../../src/advisor/advisor.ts';
import { sharesOfExcess, withLaterWaits } from '../../../src/advisor/history/calm.ts';
import { initialMemory } from '../../../src/advisor/memory/memory.ts';
import { intrinsicP99 } from '../../../src/advisor/model/queue.ts';
import { workersFor } from '../../../src/advisor/model/sizing.ts';
import { defaultSettings } from '../../../src/advisor/settings.ts';
import type { Recommendation } from '../../../src/protocol/advice.ts';
import { inSlices, simulatedService } from '../../../src/simulator/engine/app.ts';
import { Engine } from '../../../src/simulator/engine/engine.ts';
import { Observer } from '../../../src/simulator/observe.ts';
import { splitOf } from '../../helpers/advisor.ts';

describe('of requests that come back to the loop, the later waits', () => {
  const calm = { seconds: 60, p99: 60, split: splitOf({ loopWaitMs: 1, externalMs: 16 }) };

  test('are waits, as many as it comes back and no longer than it was outside', () => {
    const overloaded = splitOf({ loopWaitMs: 201, externalMs: 416 });
    const whole = withLaterWaits(overloaded, calm, 3);
    expect(whole).toEqual(splitOf({ loopWaitMs: 601, externalMs: 16 }));
    expect(sharesOfExcess(whole, calm).external).toBe(0);
    expect(withLaterWaits(overloaded, calm, 2).externalMs).toBe(216);
    expect(withLaterWaits(overloaded, calm, 9).externalMs).toBe(16);
  });

  test('are none of a request that does all at once, nor when a database is slow', () => {
    const overloaded = splitOf({ loopWaitMs: 201, externalMs: 16 });
    expect(withLaterWaits(overloaded, calm, 1)).toEqual(overloaded);
    const outside = splitOf({ loopWaitMs: 1, externalMs: 700 });
    expect(withLaterWaits(outside, calm, 3)).toEqual(outside);
  });
});

test('a measured intrinsic P99 has the later waits in it, which a calm one tells, or else the prior', () => {
  const seen = { p99: 9_000, loopWaitMs: 6_000, intrinsicMeanMs: 20, measured: 6_000 };
  const returning = { ...seen, laterWaitsMs: 4_000 };
  expect(intrinsicP99(returning)).toBe(20);
  expect(intrinsicP99({ ...returning, slowestMs: 55 })).toBe(55);
  expect(intrinsicP99({ ...returning, calmP99: 60 })).toBe(60);
});

test('no workers are bought for a P99 that no number of them brings', () => {
  const slow = {
    workers: 4,
    load: 4.4,
    demandMs: 20,
    arrivalsPerSecond: 220,
    busy: 100,
    p99: 9_000,
  };
  const queue = { ...slow, intrinsicMeanMs: 50, intrinsicP99Ms: 150, kappa: 4, pending: 900 };
  expect(workersFor(queue, { busy: 0.8, p99Ms: 100 })).toBeLessThanOrEqual(10);
});

/** Six milliseconds of CPU in three slices, and fifteen outside. */
const steps = inSlices(6, 15, 3);
const overload = 1.06 * 4;

/** What is advised so many seconds after a calm service got more than its four workers can do. */
const advisedAfter = (
  times: readonly number[],
  { startsCalm = true } = {},
): ReadonlyMap<number, Recommendation> => {
  const usual = startsCalm ? 0.36 * 4 : overload;
  const api = simulatedService('api', {
    steps,
    cv2: 0.4,
    workers: 4,
    requestsPerSecond: (usual * 1_000) / 6,
  });
  const engine = new Engine({ app: appOf(api), seed: 3 });
  const observer = new Observer(engine);
  const told = new Map<number, Recommendation>();
  let memory = initialMemory;
  for (let second = startsCalm ? -60 : 0; second <= Math.max(...times); second += 1) {
    if (second === 0) api.requestsPerSecond = (overload * 1_000) / 6;
    engine.second();
    const advised = advise(memory, observer.view(), defaultSettings);
    memory = advised.memory;
    const [said] = advised.recommendations;
    if (times.includes(second) && said !== undefined) told.set(second, said);
  }
  return told;
};

const appOf = (api: ReturnType<typeof simulatedService>) => ({
  cores: 48,
  memoryMb: 65_536,
  startDelayMs: 0,
  routing: 'p2c' as const,
  services: [api],
});

/** What that many workers make of the same load. */
const p99With = (workers: number): number => {
  const api = simulatedService('api', {
    steps,
    cv2: 0.4,
    workers,
    requestsPerSecond: (overload * 1_000) / 6,
  });
  const latencies: number[] = [];
  const onAnswered = (_: unknown, ms: number, now: number) => {
    if (now > 5_000) latencies.push(ms);
  };
  const engine = new Engine({ app: appOf(api), seed: 7, onAnswered });
  for (let second = 0; second < 30; second += 1) engine.second();
  latencies.sort((a, b) => a - b);
  return latencies[Math.floor(latencies.length * 0.99)] ?? 0;
};

describe('an overload that has lasted for some seconds', () => {
  const told = advisedAfter([6, 10, 20, 60]);

  test.each([6, 10, 20, 60])('asks after %i s for as many as the load needs', (after) => {
    // Five are enough; the sixth keeps them below 80 %.
    const { suggestedWorkers } = told.get(after)?.details ?? {};
    expect([5, 6]).toContain(suggestedWorkers);
  });

  test.each([20, 60])('tells after %i s what P99 comes of it', (after) => {
    const { details, prediction } = told.get(after) ?? {};
    const measured = p99With(Number(details?.['suggestedWorkers']));
    expect(prediction?.latencyP99Ms?.to).toBeGreaterThan(measured / 1.3);
    expect(prediction?.latencyP99Ms?.to).toBeLessThan(measured * 1.3);
  });

  test('asks for no more than needed either when there was no calm before it', () => {
    const said = advisedAfter([30], { startsCalm: false }).get(30);
    expect([5, 6]).toContain(said?.details['suggestedWorkers']);
  });
});
