import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { MethodMeter } from '../../src/sdk/rpc/meters/method-meter.ts';
import { ServiceMeter } from '../../src/sdk/rpc/meters/service-meter.ts';
import { CallMetrics } from '../../src/supervisor/metrics/call-metrics.ts';
import { parsePrometheus } from '../helpers/prometheus.ts';

test('an answer that is lost long after it was counted is told when it is, and with others than its own', async () => {
  const registry = new Registry();
  const metrics = new CallMetrics(registry);
  const methods = new MethodMeter();
  const rows = methods.of('route', 'rows');
  const tell = async (): Promise<Readonly<Record<string, number>>> => {
    const sample = new ServiceMeter('reports').take();
    metrics.count('reports#1', [{ ...sample, methods: methods.take() }]);
    const calls = parsePrometheus(await registry.metrics()).get('forge_calls_total') ?? [];
    return Object.fromEntries(calls.map(({ labels, value }) => [labels['outcome'], value]));
  };

  rows.answered(1, 'ok');
  rows.answered(1, 'ok');
  expect(await tell()).toEqual({ ok: 2, refused: 0, failed: 0 });
  rows.answerLost();
  expect(await tell()).toEqual({ ok: 2, refused: 0, failed: 1 });
  rows.answered(1, 'refused');
  rows.answerLost();
  expect(await tell()).toEqual({ ok: 2, refused: 1, failed: 2 });
  rows.answered(1, 'ok');
  rows.answerLost();
  expect(await tell()).toEqual({ ok: 2, refused: 1, failed: 3 });
});
