import { expect, test } from 'vitest';
import {
  arrivalEvents,
  crashEvent,
  overdueEvent,
  workerEvent,
} from '../../src/supervisor/watch/worker-events.ts';

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

test('a worker of a service alone is called as a user calls it, also in JSON', () => {
  const alone = {
    ...worker,
    id: '_isolated:eater#1',
    group: '_isolated:eater',
    services: ['eater'],
  };
  const crashed = { ...alone, lastCrash: 'SIGKILL' };
  const failed = { ...alone, failures: new Map([['eater', 'no database']]) };
  const events = [
    crashEvent(crashed, false),
    ...arrivalEvents(crashed, 'starting'),
    ...arrivalEvents(failed, 'starting'),
    workerEvent(alone, 'warning', 'is replaced'),
    overdueEvent(alone),
  ];
  expect(events.map(({ service, text }) => `${service}: ${text}`)).toEqual([
    'eater: eater#1 ended (SIGKILL); it is started again',
    'eater: eater#1 is ready again',
    'eater: eater failed in eater#1: no database',
    'eater: eater#1 is replaced',
    'eater: eater#1 did not end within `timeouts.stop`, and was killed',
  ]);
});
