import { describe, expect, test } from 'vitest';
import { type SimulatedService, simulatedService } from '../../../src/simulator/engine/app.ts';
import { cpu, io, nameOf, once, type Stage, secondsOf } from '../../helpers/scenarios/scenario.ts';

/** Each request waits outside for as long as chance wants it: of few, the slowest one is their P99. */
const quiet = (requestsPerSecond: number): SimulatedService =>
  simulatedService('api', {
    steps: [cpu(5), io(60), cpu(3)],
    cv2: 0.5,
    workers: 2,
    requestsPerSecond,
  });

const saidOf = (stage: Stage, seed: number): readonly string[] => [
  ...new Set(secondsOf(stage, seed).flatMap(({ advised }) => advised.recommendations.map(nameOf))),
];

describe('a service that few ask', () => {
  test('is not said to be slower than usual when the slowest of few answers comes twice', () => {
    const said = [3, 5, 8].flatMap((rate) =>
      [1, 2, 3].flatMap((seed) =>
        saidOf({ services: [quiet(rate)], calmSeconds: 30, troubleSeconds: 500 }, seed),
      ),
    );
    expect(said).toEqual([]);
  });

  test('is, when what it waits for takes three times as long', () => {
    for (const seed of [1, 2, 3]) {
      const api = quiet(4);
      const trouble = once(() => {
        api.steps = [cpu(5), io(180), cpu(3)];
      });
      const stage = { services: [api], calmSeconds: 60, troubleSeconds: 40, trouble };
      expect(saidOf(stage, seed)).toEqual(['investigate api']);
    }
  });
});
