import { expect, test } from 'vitest';
import { Histogram, type SparseCounts } from '../../src/protocol/histogram.ts';
import { ServiceMeter } from '../../src/sdk/rpc/meters/service-meter.ts';

test('what a service awaits of another is counted as its wait, less what the answer lay around', () => {
  const meter = new ServiceMeter('orders');
  meter.awaiting('billing').began();
  expect(meter.take().downstream['billing']).toEqual({ calls: 1, waitMs: 0, outstanding: 1 });

  meter.awaiting('billing').ended(30, 10);
  const { downstream, loopWaitMs } = meter.take();
  expect(downstream['billing']).toEqual({ calls: 0, waitMs: 20, outstanding: 0 });
  expect(loopWaitMs).toBe(10);
});

test('what a service only posts is under way, and no time that it waits', () => {
  const meter = new ServiceMeter('orders');
  meter.posting('mailer').began();
  expect(meter.take().downstream['mailer']).toEqual({ calls: 1, waitMs: 0, outstanding: 1 });

  meter.posting('mailer').ended(30, 10);
  const { downstream, loopWaitMs } = meter.take();
  expect(downstream['mailer']).toEqual({ calls: 0, waitMs: 0, outstanding: 0 });
  expect(loopWaitMs).toBe(0);
});

test('a request is counted from its arrival to its answer, and a failed one as an error', () => {
  const meter = new ServiceMeter('orders');
  meter.arrived(2);
  meter.arrived(-1);
  expect(meter.take()).toMatchObject({ arrivals: 2, completions: 0, inFlight: 2, loopWaitMs: 2 });

  meter.answered(10, false);
  meter.answered(30, true);
  meter.slice(4);
  meter.slice(3);
  expect(meter.take()).toMatchObject({
    arrivals: 0,
    completions: 2,
    errors: 1,
    inFlight: 0,
    totalMs: 40,
    latencyMaxMs: 30,
    cpuMs: 7,
    slices: { count: 2, maxMs: 4, sumOfSquaresMs2: 25 },
  });
  expect(meter.take()).toMatchObject({ completions: 0, errors: 0, cpuMs: 0, totalMs: 0 });
});

test('only requests of which it is known how long they held the loop count for that', () => {
  const meter = new ServiceMeter('orders');
  for (const ms of [3, 4]) meter.answered(10, false, { held: { ms, visits: ms - 2 } });
  meter.answered(10, false);
  expect(meter.take().held).toEqual({ count: 2, visits: 3, sumMs: 7, sumOfSquaresMs2: 25 });
  expect(meter.take().held).toEqual({ count: 0, visits: 0, sumMs: 0, sumOfSquaresMs2: 0 });
});

test('what a request waited to be taken up is not part of its intrinsic time', () => {
  const meter = new ServiceMeter('orders');
  for (const waitedMs of [0, 200, 400]) {
    meter.arrived(waitedMs);
    meter.answered(waitedMs + 20, false, { waitedMs });
  }
  const p99 = (counts: SparseCounts = []): number => {
    const histogram = new Histogram();
    histogram.add(counts);
    return histogram.quantileMs(0.99);
  };
  const { latency, intrinsic } = meter.take();
  expect(p99(latency)).toBeGreaterThan(390);
  expect(p99(intrinsic)).toBeCloseTo(20, 0);
  expect(meter.take().intrinsic).toEqual([]);
});
