import { advise } from '../../src/advisor/advisor.ts';
import { initialMemory, type Memory } from '../../src/advisor/memory/memory.ts';
import { predict } from '../../src/advisor/model/prediction.ts';
import { defaultSettings } from '../../src/advisor/settings.ts';
import { inSlices, simulatedService } from '../../src/simulator/engine/app.ts';
import { Engine } from '../../src/simulator/engine/engine.ts';
import { Observer } from '../../src/simulator/observe.ts';
import { Random } from '../../src/simulator/random.ts';
import { mean, quantile } from './print.ts';

const shapes = 224;
const beforeSeconds = 150;
const warmSeconds = 10;
/** The truth is to be known better than the prediction: a P99 of few requests is chance. */
const afterRequests = 15_000;

export type Prediction = {
  readonly busy: { readonly expected: number; readonly actual: number };
  readonly p99?: {
    readonly expected: number;
    readonly low: number;
    readonly high: number;
    readonly actual: number;
  };
};

/** A service of a random shape, and one change of its workers; both numbers can carry its load. */
const shapeOf = (random: Random) => {
  const pick = (values: readonly number[]): number => values[random.index(values.length)] ?? 1;
  const cpuMs = pick([5, 20, 50]);
  const before = 1 + random.index(12);
  const after = Math.max(1, before + pick([-2, -1, 1, 2, 3]));
  const load = Math.min(before, after) * random.between(0.3, 0.85);
  return {
    before,
    after: after === before ? before + 1 : after,
    service: simulatedService('service', {
      steps: inSlices(cpuMs, pick([0, 30, 150]), pick([1, 3, 6])),
      cv2: pick([0.25, 1, 4]),
      workers: before,
      requestsPerSecond: (load * 1_000) / cpuMs,
    }),
  };
};

const predictOne = (seed: number): Prediction | undefined => {
  const { service, before, after } = shapeOf(new Random(seed));
  const latencies: number[] = [];
  const engine = new Engine({
    app: {
      cores: 64,
      memoryMb: 65_536,
      startDelayMs: 0,
      routing: 'p2c',
      services: [service],
    },
    seed,
    onAnswered: (_member, latencyMs) => latencies.push(latencyMs),
  });
  const observer = new Observer(engine);
  let memory: Memory = initialMemory;
  const seconds = (count: number): readonly number[] =>
    Array.from({ length: count }, () => {
      engine.second();
      const view = observer.view();
      memory = advise(memory, view, defaultSettings).memory;
      return mean(view.services[0]?.busyPerWorker ?? []);
    });
  seconds(beforeSeconds);
  const known = memory.services['service'];
  if (known?.queue === undefined || before === after) return undefined;
  const expected = predict(known.queue, after);
  engine.scale('service', after);
  seconds(warmSeconds);
  latencies.length = 0;
  const lasts = Math.ceil(60 + afterRequests / service.requestsPerSecond);
  const busy = mean(seconds(lasts));
  const actual = quantile(latencies, 0.99);
  const came = latencies.length / lasts;
  return {
    // For the requests that came, as in a verdict: by chance they are not as many as before.
    busy: { expected: ((known.demand?.ms ?? 0) * came) / 10 / after, actual: busy },
    ...(expected.latencyP99Ms && {
      p99: {
        expected: expected.latencyP99Ms.to,
        low: expected.latencyP99Ms.low,
        high: expected.latencyP99Ms.high,
        actual,
      },
    }),
  };
};

export const predictions = (seed: number): readonly Prediction[] =>
  Array.from({ length: shapes }, (_, index) => predictOne(seed * 10_000 + index)).filter(
    (one) => one !== undefined,
  );
