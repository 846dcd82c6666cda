import { expect, test } from 'vitest';
import type { ServiceSample, WorkerSample } from '../../src/protocol/metrics.ts';
import type { ToWorker } from '../../src/protocol/worker/messages.ts';
import { Rest as RestOfWorker } from '../../src/sdk/worker/rest.ts';
import { stillHolds } from '../../src/sdk/worker/still-holds.ts';
import { Rest } from '../../src/supervisor/process/rest.ts';

const idle: WorkerSample = {
  at: 0,
  periodMs: 1_000,
  cpu: 0.3,
  eventLoopUtilization: 0.001,
  eventLoopDelayMs: 0,
  rssBytes: 80_000_000,
  heapUsedBytes: 9_000_000,
  externalBytes: 3_000_000,
  gcMs: 0,
  services: [],
};
const ofService = (given: Partial<ServiceSample>): Partial<WorkerSample> => ({
  services: [
    {
      service: 'users',
      arrivals: 0,
      completions: 0,
      errors: 0,
      inFlight: 0,
      cpuMs: 0,
      loopWaitMs: 0,
      totalMs: 0,
      latency: [],
      latencyMaxMs: 0,
      slices: { count: 0, maxMs: 0, sumOfSquaresMs2: 0 },
      downstream: {},
      ...given,
    },
  ],
});
const called = (calls: number, outstanding = 0): Partial<WorkerSample> =>
  ofService({ downstream: { orders: { calls, waitMs: 0, outstanding } } });

test.each<readonly [what: string, before: Partial<WorkerSample>, now: Partial<WorkerSample>]>([
  ['nothing is new', {}, { at: 1_000, periodMs: 1_004, cpu: 0.9, rssBytes: 80_100_000 }],
  ['callees that are not called', called(0), called(0)],
  ['breakers that stay', { breakers: { orders: 'open' } }, { breakers: { orders: 'open' } }],
])('a sample holds: %s', (_, before, now) => {
  expect(stillHolds({ ...idle, ...before }, { ...idle, ...now })).toBe(true);
});

test.each<readonly [what: string, before: Partial<WorkerSample>, now: Partial<WorkerSample>]>([
  ['CPU', {}, { cpu: 1.5 }],
  ['steady CPU that is not nothing', { cpu: 40 }, { cpu: 40 }],
  ['the event loop', {}, { eventLoopUtilization: 0.015 }],
  ['a delayed event loop', {}, { eventLoopDelayMs: 60 }],
  ['memory', {}, { rssBytes: 81_000_000 }],
  ['the heap', {}, { heapUsedBytes: 10_000_000 }],
  ['buffers', {}, { externalBytes: 4_000_000 }],
  ['collections', {}, { gcMs: 5 }],
  ['a request', {}, ofService({ arrivals: 1, inFlight: 1 })],
  ['a request that takes long', ofService({ inFlight: 1 }), ofService({ inFlight: 1 })],
  ['another request each second', ofService({ arrivals: 1 }), ofService({ arrivals: 1 })],
  ['a call that waits', called(0, 1), called(0, 1)],
  ['somebody new to call', {}, called(0)],
  ['an event', {}, ofService({ events: [{ event: 'made', emitted: 1, to: {} }] })],
  ['a breaker', { breakers: { orders: 'open' } }, { breakers: { orders: 'closed' } }],
])('a sample does not hold: %s', (_, before, now) => {
  expect(stillHolds({ ...idle, ...before }, { ...idle, ...now })).toBe(false);
});

/** What a worker says in so many periods. */
const words = (rest: RestOfWorker, samples: readonly WorkerSample[], isWatched = true) =>
  samples.map((sample) => rest.wordFor(sample, isWatched)?.type ?? '-').join(' ');
const seconds = (count: number): readonly WorkerSample[] =>
  Array.from({ length: count }, () => idle);

test('a worker that does nothing says so, and then every other second; what is new it says at once', () => {
  const rest = new RestOfWorker();
  expect(words(rest, seconds(3))).toBe('sample sample sample');

  rest.allow(2_500);
  expect(words(rest, seconds(6))).toBe('rest - rest - rest -');
  const busy = { ...idle, cpu: 30 };
  expect(words(rest, [busy, busy, idle, idle, idle])).toBe('sample sample sample rest -');
});

test('a worker without a watchdog speaks every second, and so does one whose supervisor is older', () => {
  const rest = new RestOfWorker();
  rest.allow(2_500);
  expect(words(rest, seconds(3), false)).toBe('sample sample sample');
  expect(words(rest, seconds(2))).toBe('rest -');

  rest.begin();
  expect(words(rest, seconds(3))).toBe('sample sample sample');
});

/** Of a worker that said so at 0, looked at twice a second. */
const heldAt = (said: (rest: Rest) => void, until: number, heardAt = 0): readonly number[] => {
  const held: number[] = [];
  let now = 0;
  const rest = new Rest({ send: () => undefined, onHeld: () => held.push(now) });
  rest.begin();
  rest.sampled(idle);
  said(rest);
  for (now = 500; now <= until; now += 500) rest.look(heardAt, now);
  return held;
};

test('the last sample of a worker that rests holds each second, for as long as it may be silent', () => {
  expect(heldAt((rest) => rest.confirmed(0), 10_000)).toEqual([0, 1_000, 2_000, 3_000]);
});

test('that of a worker that has not said that it rests does not, nor that of one that is busy again', () => {
  expect(heldAt(() => undefined, 3_000)).toEqual([]);
  const busyAgain = (rest: Rest): void => {
    rest.confirmed(0);
    rest.sampled({ ...idle, cpu: 30 });
  };
  expect(heldAt(busyAgain, 3_000)).toEqual([0]);
});

test('a worker that dials is told that it may rest, and that it rests means nothing before a sample', () => {
  const told: ToWorker[] = [];
  const held: WorkerSample[] = [];
  const rest = new Rest({ send: (word) => told.push(word), onHeld: (sample) => held.push(sample) });
  rest.begin();
  rest.confirmed(0);
  expect(told).toEqual([{ type: 'rest', forMs: 2_500 }]);
  expect(held).toEqual([]);
});
