import { expect, test } from 'vitest';
import {
  inSlices,
  type SimulatedApp,
  type SimulatedService,
  simulatedService,
} from '../../../src/simulator/engine/app.ts';
import { Engine } from '../../../src/simulator/engine/engine.ts';
import { Observer } from '../../../src/simulator/observe.ts';

type Served = { readonly latencies: readonly number[]; readonly engine: Engine };

const appWith = (service: SimulatedService, given: Partial<SimulatedApp> = {}): SimulatedApp => ({
  cores: 64,
  memoryMb: 4_096,
  startDelayMs: 2_000,
  routing: 'p2c',
  services: [service],
  ...given,
});

const serve = (app: SimulatedApp, seconds: number, seed = 1): Served => {
  const latencies: number[] = [];
  const engine = new Engine({ app, seed, onAnswered: (_member, ms) => latencies.push(ms) });
  for (let second = 0; second < seconds; second += 1) engine.second();
  return { latencies, engine };
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

test('a queue with one worker waits as long as Pollaczek and Khinchine say', () => {
  const cv2 = 1.5;
  const service = simulatedService('a', {
    steps: [{ type: 'cpu', ms: 10 }],
    cv2,
    requestsPerSecond: 70,
  });
  const { latencies } = serve(appWith(service), 3_000);
  const expected = 10 + (0.7 * 10 * (1 + cv2)) / (2 * (1 - 0.7));
  expect(mean(latencies) / expected).toBeGreaterThan(0.93);
  expect(mean(latencies) / expected).toBeLessThan(1.07);
});

test('the same seed gives the same requests, and another one others', () => {
  const run = (seed: number) =>
    serve(
      appWith(
        simulatedService('a', { steps: inSlices(8, 20), workers: 3, requestsPerSecond: 200 }),
      ),
      20,
      seed,
    ).latencies;
  expect(run(5)).toEqual(run(5));
  expect(run(5)).not.toEqual(run(6));
});

test('every request is answered, also by workers that are to leave', () => {
  const service = simulatedService('a', { workers: 4, requestsPerSecond: 300 });
  const { engine, latencies } = serve(appWith(service), 10);
  engine.scale('a', 1);
  service.requestsPerSecond = 0;
  for (let second = 0; second < 20; second += 1) engine.second();
  expect(engine.member('a').pending).toBe(0);
  expect(engine.paidWorkers).toBe(1);
  expect(latencies.length).toBeGreaterThan(2_800);
});

test('a simulated service shows how many calls its requests make', () => {
  const call = { type: 'call', service: 'b', awaited: true } as const;
  const a = simulatedService('a', {
    steps: [{ type: 'cpu', ms: 1 }, call, call, call],
    requestsPerSecond: 50,
  });
  const b = simulatedService('b', { steps: [{ type: 'io', ms: 2 }] });
  const { engine } = serve(appWith(a, { services: [a, b] }), 5);
  const [seen] = new Observer(engine).view().services;
  expect(seen?.split.calls?.['b']).toBeCloseTo(3, 1);
});

test('a worker is paid from its order on, and used when it has started', () => {
  const service = simulatedService('a', { requestsPerSecond: 100 });
  const { engine } = serve(appWith(service), 5);
  const observer = new Observer(engine);
  engine.scale('a', 3);
  const seen = [0, 1, 2].map(() => {
    engine.second();
    return [engine.paidWorkers, observer.view().services[0]?.workers];
  });
  expect(seen).toEqual([
    [3, 1],
    [3, 3],
    [3, 3],
  ]);
});

test('requests go where fewer wait: of two the lesser, and better of all the least', () => {
  const p99 = (routing: SimulatedApp['routing']): number => {
    const service = simulatedService('a', { workers: 8, requestsPerSecond: 1_300 });
    const { latencies } = serve(appWith(service, { routing }), 60);
    return latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? 0;
  };
  expect(p99('least-pending')).toBeLessThan(p99('p2c'));
});

test('without a core for each, processes starve, and their slices take longer', () => {
  const service = simulatedService('a', { workers: 4, requestsPerSecond: 700 });
  const { engine } = serve(appWith(service, { cores: 2 }), 0);
  const observer = new Observer(engine);
  engine.second();
  observer.view();
  engine.second();
  const [view] = observer.view().services;
  expect(view?.starvation).toBeGreaterThan(0.3);
  expect(view?.cpuPerWorker).toBeLessThan(60);
});

test('who waits for another service is told for how long', () => {
  const front = simulatedService('front', {
    steps: [
      { type: 'cpu', ms: 1 },
      { type: 'call', service: 'back', awaited: true },
    ],
    requestsPerSecond: 50,
  });
  const back = simulatedService('back', { steps: inSlices(4, 60) });
  const app = { ...appWith(front), services: [front, back] };
  const { engine } = serve(app, 1);
  const observer = new Observer(engine);
  for (let second = 0; second < 5; second += 1) {
    engine.second();
    observer.view();
  }
  const [seen, called] = observer.view().services;
  expect(seen?.split.downstreamMs['back']).toBeGreaterThan(50);
  expect(called?.split.externalMs).toBeGreaterThan(40);
});

test('a pool lets so many through, and the others wait outside the loop', () => {
  const pool = { name: 'db', size: 2 };
  const service = simulatedService('a', {
    steps: [
      { type: 'cpu', ms: 1 },
      { type: 'io', ms: 10, pool },
    ],
    requestsPerSecond: 190,
  });
  const { latencies } = serve(appWith(service), 60);
  expect(mean(latencies)).toBeGreaterThan(40);
});

test('a blocked loop does nothing else, and its requests wait', () => {
  const service = simulatedService('a', { requestsPerSecond: 20 });
  const { engine, latencies } = serve(appWith(service), 5);
  const [worker] = engine.groupFor('a').ready;
  if (worker !== undefined) engine.block(worker, 1_500);
  for (let second = 0; second < 5; second += 1) engine.second();
  expect(Math.max(...latencies)).toBeGreaterThan(1_300);
  expect(engine.member('a').pending).toBeLessThan(5);
});
