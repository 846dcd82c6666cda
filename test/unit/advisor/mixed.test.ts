import { expect, test } from 'vitest';
import { calm, lasting, play, serviceView, splitOf } from '../../helpers/advisor.ts';

const before = calm(serviceView('orders'));
const full = { busy: 100, p99: 900, arrivalsPerSecond: 200, pending: 90 };
const waiting = (loopWaitMs: number, externalMs: number, busy = 100) =>
  lasting(20, serviceView('orders', { ...full, busy, split: splitOf({ loopWaitMs, externalMs }) }));
const told = (...scenes: Parameters<typeof play>[0]) => play([before, ...scenes]);

test('a full service that also waits outside is told of both', () => {
  const [advice] = told(waiting(300, 110)).last.recommendations;
  expect(advice?.action).toBe('scale_up');
  expect(advice?.reason).toMatch(/; 27 % of the extra time waits outside the app$/);
});

test('a service that waits outside and has a busy loop is told of both', () => {
  const [advice] = told(waiting(130, 300, 75)).last.recommendations;
  expect(advice?.action).toBe('investigate');
  expect(advice?.reason).toMatch(/; 30 % of the extra time waits for its loop$/);
});

test('what is a small part of the extra time is not worth a word', () => {
  const [advice] = told(waiting(300, 40)).last.recommendations;
  expect(advice?.reason).not.toContain('of the extra time');
});

test('workers that would hardly help are looked into, and not advised', () => {
  const [advice] = told(waiting(130, 300)).last.recommendations;
  expect(advice).toMatchObject({ action: 'investigate', details: { explainedPercent: 30 } });
  expect(advice?.reason).toContain('`forge scale orders ');
});

test('what is left when the first cause is cured is told at once', () => {
  const { opened } = told(waiting(300, 110), waiting(1, 600, 30));
  expect(opened.map(([, what]) => what)).toEqual(['scale_up orders', 'investigate orders']);
  expect(opened[1]?.[0]).toBeLessThanOrEqual(40 + 10);
});

test('a case is as clear as it was while more speaks for it than against it', () => {
  const { last, opened } = told(waiting(300, 10), waiting(300, 200));
  expect(opened.map(([, what]) => what)).toEqual(['scale_up orders']);
  expect(last.recommendations[0]?.record?.strength).toBeGreaterThan(0.95);
  expect(told(waiting(300, 200)).opened[0]?.[1]).toBe('investigate orders');
});
