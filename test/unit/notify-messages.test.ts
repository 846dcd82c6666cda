import { expect, test } from 'vitest';
import type { ServiceStatus } from '../../src/protocol/metrics.ts';
import {
  aliveMessage,
  readyMessage,
  reloadingMessage,
  watchdogEvery,
} from '../../src/supervisor/notify/messages.ts';

const service = (name: string, status: ServiceStatus['status']): ServiceStatus => ({
  name,
  status,
  group: name,
  colocatedWith: [],
  severity: 'ok',
  workers: [],
  cpu: 0,
  memoryBytes: 0,
  pending: 0,
  requestsPerSecond: 0,
  errorRate: 0,
  latencyMs: { p50: 0, p90: 0, p99: 0, max: 0 },
});

test('an app is ready although a service failed, and the status names it', () => {
  const services = [service('users', 'ready'), service('billing', 'failed')];
  expect(readyMessage({ services })).toEqual([
    'READY=1',
    'STATUS=1 of 2 services ready; failed: billing',
  ]);
});

test('a sign of life carries the status of the moment', () => {
  expect(aliveMessage({ services: [service('users', 'backoff')] })).toEqual([
    'WATCHDOG=1',
    'STATUS=0 of 1 services ready',
  ]);
});

test('a reload begins at a moment of the monotonic clock', () => {
  expect(reloadingMessage(12_345_678n)).toContain('MONOTONIC_USEC=12345678');
});

const usec = '30000000';

test.each([
  { when: 'none are wanted', env: {}, every: undefined },
  { when: 'half of what is demanded', env: { WATCHDOG_USEC: usec }, every: 15_000 },
  { when: 'this process is meant', env: { WATCHDOG_USEC: usec, WATCHDOG_PID: '7' }, every: 15_000 },
  { when: 'another is meant', env: { WATCHDOG_USEC: usec, WATCHDOG_PID: '8' }, every: undefined },
  {
    when: 'the one before this is meant',
    env: { WATCHDOG_USEC: usec, WATCHDOG_PID: '8' },
    tookOver: true,
    every: 15_000,
  },
  { when: 'nonsense', env: { WATCHDOG_USEC: 'often' }, every: undefined },
])('signs of life: $when', ({ env, tookOver = false, every }) => {
  expect(watchdogEvery(env, { pid: 7, tookOver })).toBe(every);
});
