import { expect, test } from 'vitest';
import { arrivalEvents } from '../../src/supervisor/watch/worker-events.ts';

const worker = {
  id: 'main#1',
  group: 'main',
  services: ['users', 'orders'],
  status: 'ready',
  failures: new Map(),
  lastCrash: undefined,
} as const;

test('a worker is ready again only after this supervisor has seen it end', () => {
  expect(arrivalEvents(worker, 'starting')).toEqual([]);
  const crashed = { ...worker, lastCrash: 'SIGKILL' };
  expect(arrivalEvents(crashed, 'starting').map(({ text }) => text)).toEqual([
    'main#1 is ready again',
  ]);
});

test('a worker that was taken over is no news, though it had crashed under the last supervisor', () => {
  const adopted = { ...worker, restarts: 3 };
  expect(arrivalEvents(adopted, 'starting')).toEqual([]);
});
