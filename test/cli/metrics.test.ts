import { expect, test } from 'vitest';
import type { Status } from '../../src/protocol/metrics.ts';
import { startCopy } from '../helpers/app-copy.ts';
import type { RunningApp } from '../helpers/forge.ts';
import { parsePrometheus } from '../helpers/prometheus.ts';
import { pidsOf, statusOf, statusWhen } from '../helpers/status.ts';

const metricsOf = async (app: RunningApp) => {
  const { code, stdout, stderr } = await app.forge('metrics');
  expect([code, stderr]).toEqual([0, '']);
  return parsePrometheus(stdout);
};

/** Of one service; asks again until it is at least so much, as workers report once a second. */
const counterOf = async (app: RunningApp, name: string, atLeast: number): Promise<number> => {
  const series = (await metricsOf(app)).get(name) ?? [];
  const value = series.find(({ labels }) => labels['service'] === 'hello')?.value ?? 0;
  return value >= atLeast ? value : counterOf(app, name, atLeast);
};

const ask = async (app: RunningApp, times: number): Promise<void> => {
  for (let count = 0; count < times; count += 1) {
    expect((await fetch(`${app.http}/hello/${count}`)).status).toBe(200);
  }
};

const isBack = (killed: readonly number[]) => (status: Status) =>
  status.services.every(({ workers }) => workers.every((worker) => worker.status === 'ready')) &&
  !pidsOf(status).some((pid) => killed.includes(pid));

test('forge metrics prints what Prometheus reads, and counters outlive the workers', async () => {
  await using app = await startCopy('test/fixtures/apps/hello');
  const fresh = await metricsOf(app);
  expect([...fresh.keys()].filter((name) => !name.startsWith('forge_'))).toEqual([]);
  expect(fresh.get('forge_workers')).toContainEqual({
    type: 'gauge',
    labels: { service: 'hello', status: 'ready' },
    value: 2,
  });

  await ask(app, 50);
  expect(await counterOf(app, 'forge_requests_total', 50)).toBe(50);
  const seconds = await counterOf(app, 'forge_request_seconds_total', 0);
  expect(seconds).toBeGreaterThan(0);

  const killed = pidsOf(await statusOf(app));
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  await statusWhen(app, isBack(killed));
  expect(await counterOf(app, 'forge_requests_total', 0)).toBe(50);

  await ask(app, 20);
  expect(await counterOf(app, 'forge_requests_total', 70)).toBe(70);
  expect(await counterOf(app, 'forge_request_seconds_total', 0)).toBeGreaterThan(seconds);
  const types = [...(await metricsOf(app))].map(([name, [series]]) => [name, series?.type]);
  expect(types).toContainEqual(['forge_errors_total', 'counter']);
});

test('a refusal of a service is no error of it, and a failure is', async () => {
  await using app = await startCopy('test/fixtures/apps/club');
  const errorsOf = async (): Promise<number> => {
    const metrics = await metricsOf(app);
    const of = (name: string): number =>
      metrics.get(name)?.find(({ labels }) => labels['service'] === 'front')?.value ?? 0;
    return of('forge_requests_total') >= 2 ? of('forge_errors_total') : errorsOf();
  };
  expect((await fetch(`${app.http}/failures/missing`)).status).toBe(404);
  expect((await fetch(`${app.http}/failures/mistake`)).status).toBe(500);
  expect(await errorsOf()).toBe(1);
});
