import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Status, WorkerSample } from '../../src/protocol/metrics.ts';
import { EventMeter } from '../../src/sdk/events/event-meter.ts';
import { ServiceMeter } from '../../src/sdk/rpc/meters/service-meter.ts';
import { Prometheus } from '../../src/supervisor/metrics/prometheus.ts';
import { parsePrometheus, type Series } from '../helpers/prometheus.ts';

const worker = (id: string) => ({
  id,
  pid: 1,
  status: 'ready' as const,
  cpu: 12,
  eventLoopUtilization: 0.5,
  eventLoopDelayMs: 150,
  rssBytes: 1_000,
  pending: 3,
  restarts: 2,
  startedAt: '',
});

const status = {
  services: [
    {
      name: 'users',
      cpu: 12,
      pending: 3,
      memoryBytes: 1_000,
      latencyMs: { p50: 1, p90: 2, p99: 3, max: 4 },
      workers: [worker('users#1')],
    },
  ],
} as unknown as Status;

const sampleOf = (...meters: readonly ServiceMeter[]): WorkerSample => ({
  at: 0,
  periodMs: 1_000,
  cpu: 0,
  eventLoopUtilization: 0,
  rssBytes: 0,
  heapUsedBytes: 0,
  services: meters.map((meter) => meter.take()),
});

const busy = (): ServiceMeter => {
  const meter = new ServiceMeter('users');
  const get = meter.methods.of('call', 'get');
  for (const took of [0.4, 0.5, 3, 20_000]) get.answered(took, 'ok');
  get.answered(3, 'refused');
  get.answered(3, 'failed');
  get.answered(20_000, 'overloaded');
  meter.events.emitted('user.created');
  for (const outcome of ['delivered', 'delivered', 'dropped'] as const) {
    meter.events.posted('user.created', 'mailer', outcome);
  }
  const billing = meter.awaiting('billing');
  billing.began();
  billing.ended(2, 0);
  return meter;
};

const read = async (prometheus: Prometheus) => parsePrometheus(await prometheus.text(status));

const figureOf = (
  metrics: ReadonlyMap<string, readonly Series[]>,
  name: string,
  labels: object,
): number | undefined =>
  metrics
    .get(name)
    ?.find((series) => Object.entries(labels).every(([key, value]) => series.labels[key] === value))
    ?.value;

test('the page of metrics has every metric with its type and labels, and no other', async () => {
  const prometheus = new Prometheus();
  prometheus.count('users#1', sampleOf(busy()));
  const found = [...(await read(prometheus))].map(([name, series]) => {
    const labels = new Set(series.flatMap((each) => Object.keys(each.labels)));
    labels.delete('le');
    return [name.replace(/_(?:bucket|sum|count)$/, ''), series[0]?.type, [...labels].toSorted()];
  });
  const page = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(forge_\w+)` +\| (\w+) +\| (.+?) +\|/gm)];
  const documented = rows.map(([, name, type, labels = '']) => [
    name,
    type,
    [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).toSorted(),
  ]);
  const unique = new Map(found.map((row) => [row[0], row]));
  expect(documented.toSorted()).toEqual([...unique.values()].toSorted());
});

test('calls are counted by outcome and in buckets that add up', async () => {
  const prometheus = new Prometheus();
  prometheus.count('users#1', sampleOf(busy()));
  prometheus.count('users#2', sampleOf(busy()));
  const metrics = await read(prometheus);
  const get = { service: 'users', kind: 'call', method: 'get' };
  const calls = (outcome: string) => figureOf(metrics, 'forge_calls_total', { ...get, outcome });
  const outcomes = ['ok', 'refused', 'failed', 'overloaded'];
  expect(outcomes.map(calls)).toEqual([8, 2, 2, 2]);
  const bucket = (le: string) =>
    figureOf(metrics, 'forge_call_duration_seconds_bucket', { ...get, le });
  expect(['0.0005', '0.0025', '0.005', '10', '+Inf'].map(bucket)).toEqual([4, 4, 10, 10, 14]);
  expect(figureOf(metrics, 'forge_call_duration_seconds_count', get)).toBe(14);
  const event = { service: 'users', event: 'user.created', to: 'mailer' };
  const copies = (outcome: string) =>
    figureOf(metrics, 'forge_events_total', { ...event, outcome });
  expect([copies('delivered'), copies('dropped'), copies('failed')]).toEqual([4, 2, 0]);
  expect(figureOf(metrics, 'forge_proxy_calls_total', { service: 'users', to: 'billing' })).toBe(2);
});

test('what a worker that is no more had under way is forgotten, what it counted is not', async () => {
  const prometheus = new Prometheus();
  for (const id of ['users#1', 'ingress-api#1']) {
    const meter = busy();
    meter.awaiting('billing').began();
    prometheus.count(id, sampleOf(meter));
  }
  prometheus.keepOnly(new Set(['users#1']));
  const metrics = await read(prometheus);
  const toBilling = { service: 'users', to: 'billing' };
  expect(figureOf(metrics, 'forge_proxy_outstanding', toBilling)).toBe(1);
  expect(figureOf(metrics, 'forge_proxy_calls_total', toBilling)).toBe(4);
});

test('names without end make no series without end', async () => {
  const prometheus = new Prometheus();
  for (let round = 0; round < 20; round += 1) {
    const meter = new ServiceMeter('users');
    for (let number = 0; number < 80; number += 1) {
      meter.events.emitted(`user.${round}.${number}`);
      meter.methods.of('event', `user.${round}.${number}`).answered(1, 'ok');
    }
    prometheus.count('users#1', sampleOf(meter));
  }
  const metrics = await read(prometheus);
  const emitted = metrics.get('forge_events_emitted_total') ?? [];
  expect(emitted).toHaveLength(201);
  expect(emitted.reduce((sum, { value }) => sum + value, 0)).toBe(1_600);
  const calls = metrics.get('forge_calls_total') ?? [];
  expect(calls.length).toBeLessThanOrEqual(201 * 3);
  expect(calls.reduce((sum, { value }) => sum + value, 0)).toBe(1_600);
});

test('what a worker counts by name is bounded as well', () => {
  const meter = new ServiceMeter('users');
  for (let number = 0; number < 500; number += 1) {
    meter.methods.of('event', `user.${number}`).answered(1, 'ok');
  }
  const { methods = [] } = meter.take();
  expect(methods).toHaveLength(201);
  expect(methods.reduce((sum, { calls }) => sum + calls, 0)).toBe(500);
  expect(new EventMeter().take()).toEqual([]);
});

test('who has done nothing yet counts from 0, and whom nobody calls now has no calls open', async () => {
  const prometheus = new Prometheus();
  const idle = await read(prometheus);
  const users = { service: 'users' };
  for (const name of ['forge_requests_total', 'forge_errors_total']) {
    expect(figureOf(idle, name, users)).toBe(0);
  }
  const meter = busy();
  meter.awaiting('billing').began();
  prometheus.count('users#1', sampleOf(meter));
  prometheus.count('users#1', sampleOf());
  const toBilling = { service: 'users', to: 'billing' };
  expect(figureOf(await read(prometheus), 'forge_proxy_outstanding', toBilling)).toBe(0);
});

test('of a service that is no more nothing is said of how it is now, and what it counted stays', async () => {
  const prometheus = new Prometheus();
  prometheus.count('users#1', sampleOf(busy()));
  await read(prometheus);
  const others = parsePrometheus(await prometheus.text({ ...status, services: [] }));
  for (const name of [
    'forge_cpu_percent',
    'forge_pending',
    'forge_memory_bytes',
    'forge_workers',
  ]) {
    expect(others.get(name)).toBeUndefined();
  }
  expect(others.get('forge_request_duration_seconds')).toBeUndefined();
  expect(figureOf(others, 'forge_calls_total', { service: 'users', outcome: 'ok' })).toBe(4);
});
