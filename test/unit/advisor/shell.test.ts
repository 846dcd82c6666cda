import { once } from 'node:events';
import { expect, test } from 'vitest';
import { decodeMemory, encodeMemory } from '../../../src/advisor/memory/persist.ts';
import { confidenceAfter } from '../../../src/advisor/model/confidence.ts';
import { ScaleAdvisor, type ScaleAdvisorOptions } from '../../../src/advisor/scale-advisor.ts';
import type { View } from '../../../src/advisor/view.ts';
import { ms } from '../../../src/protocol/units.ts';
import { NaiveAdvisor } from '../../fixtures/naive-advisor.ts';
import { calm, lasting, saturated, second, serviceView, viewsOf } from '../../helpers/advisor.ts';

/** The advisor over some views, each of which is seen once. */
const over = (views: readonly View[], options: Partial<ScaleAdvisorOptions> = {}): ScaleAdvisor => {
  let next = 0;
  const view = (): View => {
    const seen = views[Math.min(next, views.length - 1)];
    next += 1;
    if (seen === undefined) throw new Error('There is no view');
    return seen;
  };
  return new ScaleAdvisor({ view, ...options });
};

const rush = viewsOf([calm(serviceView('orders')), lasting(10, saturated('orders'))]);
const evaluateAll = async (advisor: ScaleAdvisor, views: readonly View[]): Promise<void> => {
  for (const _view of views) await advisor.evaluate();
};

test('what opens is told once, and what there is at each evaluation', async () => {
  const advisor = over(rush);
  const opened: string[] = [];
  const counts: number[] = [];
  advisor.on('recommendation', ({ action, service }) => opened.push(`${action} ${service}`));
  advisor.on('recommendations', (all) => counts.push(all.length));
  await evaluateAll(advisor, rush);
  expect(opened).toEqual(['scale_up orders']);
  expect(counts).toHaveLength(rush.length);
  expect(advisor.report()).toHaveLength(1);
});

test('between evaluations it looks on, and what becomes critical is told at once', async () => {
  const { at } = rush.at(-1) ?? rush[0] ?? { at: second(0) };
  const advisor = over(rush, { evaluationIntervalMs: ms(10) });
  const told = once(advisor, 'recommendation');
  advisor.start();
  const [recommendation] = await told;
  advisor.stop();
  expect(recommendation).toMatchObject({ action: 'scale_up', severity: 'critical' });
  expect(Date.parse(recommendation.since)).toBeLessThanOrEqual(at);
});

test('a view that cannot be had is an error that is told', async () => {
  const advisor = over([], { evaluationIntervalMs: ms(10) });
  const told = new Promise((resolve) => {
    advisor.on('error', (error) => {
      advisor.stop();
      resolve(error);
    });
  });
  advisor.start();
  expect(await told).toEqual(new Error('There is no view'));
});

test('the autopilot does what it says, and its cooldown begins when it is done', async () => {
  const advisor = over(rush, { autoExecute: true });
  const done: unknown[] = [];
  advisor.setExecutor(async (request) => {
    done.push(request);
  });
  await evaluateAll(advisor, rush);
  expect(done).toEqual([{ kind: 'scale', service: 'orders', workers: 2 }]);
  expect(advisor.memory.done).toMatchObject([{ service: 'orders', direction: 'up' }]);
});

test('without autopilot nothing is done', async () => {
  const advisor = over(rush);
  const done: unknown[] = [];
  advisor.setExecutor(async (request) => {
    done.push(request);
  });
  await evaluateAll(advisor, rush);
  expect(advisor.report()).toHaveLength(1);
  expect(done).toEqual([]);
});

test('it goes on where an earlier one ended', async () => {
  const first = over(rush);
  await evaluateAll(first, rush);
  const memory = decodeMemory(encodeMemory(first.memory));
  const views = viewsOf([lasting(10, saturated('orders'))], { from: 60 });
  const next = over(views, { memory });
  await evaluateAll(next, views);
  expect(next.report()[0]?.id).toBe(first.report()[0]?.id);
});

test('it is as sure of what never helped as of what always did: of the naive one', () => {
  const failed = { service: 'orders', action: 'scale_up', helped: false, at: second(0) } as const;
  const failures = Array.from({ length: 10 }, () => failed);
  const before = confidenceAfter([])('scale_up', 1).confidence;
  expect(confidenceAfter(failures)('scale_up', 1).confidence).toBeLessThan(before);
  const views = viewsOf([{ ...lasting(300, saturated('orders', { workers: 2 })), cores: 2 }]);
  const naive = new NaiveAdvisor();
  const sure = views
    .flatMap((view) => naive.evaluate(view))
    .filter(({ text }) => text.startsWith('migrate'));
  expect(sure.length).toBeGreaterThan(1);
  expect(new Set(sure.map(({ confidence }) => confidence)).size).toBe(1);
});

test('what one worker reports is lost when another one reports: of the naive one', async () => {
  const views = viewsOf([lasting(30, serviceView('orders', { workers: 2, busy: 1 }))]);
  const advisor = over(views);
  const naive = new NaiveAdvisor();
  for (const _view of views) {
    for (const cpu of [98, 10]) {
      advisor.reportWorkerCpu('orders', cpu);
      naive.reportWorkerCpu('orders', cpu);
    }
    await advisor.evaluate();
  }
  expect(views.slice(-1).flatMap((view) => naive.evaluate(view))).toEqual([]);
  expect(advisor.report()[0]?.details).toMatchObject({ hottestPercent: 98, othersPercent: 10 });
});

test('its action failed, and nobody was told: of the naive one', async () => {
  const fails = async (): Promise<void> => {
    throw new Error('no memory left');
  };
  const advisor = over(rush, { autoExecute: true });
  const heard: unknown[] = [];
  advisor.on('error', (error) => heard.push(error));
  advisor.setExecutor(fails);
  await evaluateAll(advisor, rush);
  expect(heard).toEqual([new Error('no memory left')]);
  expect(advisor.memory.done).toMatchObject([{ direction: 'other' }]);

  const naive = new NaiveAdvisor();
  naive.setExecutor(fails);
  const [full] = viewsOf([{ ...lasting(1, saturated('orders')), cores: 1 }]);
  expect(full && naive.evaluate(full).map(({ text }) => text)).toContain('migrate orders');
});
