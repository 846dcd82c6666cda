import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/protocol/control/messages.ts';
import { advanced, trendOf, trendSeconds } from '../../src/tui/state/trend.ts';
import { rush } from './shop.ts';

const second = (at: number): string => new Date(at * 1_000).toISOString();
const now = 1_000_000;

/** What is kept in steps of ten seconds, each with its number as the CPU. */
const kept = (steps: number) => ({
  stepMs: 10_000 as const,
  at: Float64Array.from({ length: steps }, (_, step) => (now - (steps - step) * 10) * 1_000),
  machine: { cpu: none, cores: none, memoryUsedMb: none, memoryMb: none },
  services: {
    orders: { ...columns, cpu: Float32Array.from({ length: steps }, (_, step) => step) },
  },
  records: [],
  held: [],
});
const none = new Float32Array();
const columns = {
  cpu: none,
  elu: none,
  p50: none,
  p90: none,
  p99: none,
  max: none,
  pending: none,
  requestsPerSecond: none,
  errorRate: none,
  memoryMb: none,
  workers: none,
  severity: none,
};

const snapshotAt = (at: number, cpu: readonly number[]): Snapshot => ({
  ...rush,
  status: { ...rush.status, at: second(at) },
  history: { orders: { cpu, p99: cpu } },
});

test('each value that is kept stands for as long as its step, and nothing for what is not kept', () => {
  const { cpu, p99, at } = trendOf('orders', kept(6), now * 1_000);
  expect([cpu.length, at]).toEqual([trendSeconds, now]);
  // The newest step ended just now: this second is in none.
  expect(cpu.slice(-12)).toEqual([4, ...Array(10).fill(5), Number.NaN]);
  expect(cpu.findIndex((value) => !Number.isNaN(value))).toBe(trendSeconds - 61);
  expect(new Set(p99)).toEqual(new Set([Number.NaN]));
});

test('it goes on with the minute of each snapshot, and forgets what is too old', () => {
  const first = trendOf('orders', kept(30), now * 1_000);
  const next = advanced(first, snapshotAt(now + 3, [70, 71, 72, 73]));
  expect(next.cpu.slice(-6)).toEqual([29, 29, 70, 71, 72, 73]);
  expect(next.cpu).toHaveLength(trendSeconds);
  const later = advanced(next, snapshotAt(now + 3 + trendSeconds - 2, [90]));
  expect(later.cpu.filter((value) => !Number.isNaN(value))).toEqual([72, 73, 90]);
});
