import { describe, expect, test } from 'vitest';
import { simulatedService } from '../../../src/simulator/engine/app.ts';
import { cpu, nameOf, once, secondsOf } from '../../helpers/scenarios/scenario.ts';

describe('a service on one core', () => {
  test('that is full of it is to leave, though nothing waits for a core: a worker more would', () => {
    const api = simulatedService('api', { steps: [cpu(8)], cv2: 0.3, requestsPerSecond: 40 });
    const trouble = once(() => {
      api.requestsPerSecond = 160;
    });
    for (const seed of [1, 2]) {
      const all = secondsOf({ services: [api], cores: 1, trouble }, seed);
      const said = all.flatMap(({ advised }) => advised.recommendations.map(nameOf));
      expect([...new Set(said)]).toEqual(['migrate api']);
      api.requestsPerSecond = 40;
    }
  });
});
