import { expect, test } from 'vitest';
import { defaultSettings } from '../../../src/advisor/settings.ts';
import { agreeingMs, lastingMs, pressingMs } from '../../../src/advisor/signals/signals.ts';
import { viewWindowMs } from '../../../src/advisor/view.ts';
import {
  calm,
  lasting,
  play,
  quarter,
  type Scene,
  saturated,
  serviceView,
  splitOf,
} from '../../helpers/advisor.ts';

const before = calm(serviceView('orders'));
const during = (seconds: number): Scene => ({ ...quarter(saturated('orders')), seconds });

test('pressure is told after it has held, and not in its first second', () => {
  const { opened } = play([before, during(15)]);
  const heldSeconds = defaultSettings.holdMs / 1_000;
  expect(opened).toEqual([[20 + heldSeconds, 'scale_up orders']]);
});

test('pressure is told sooner while ever more requests wait, and another signal is critical', () => {
  const growing = (second: number) => [saturated('orders', { pending: 60 + 30 * (second - 20) })];
  const { opened } = play([before, { seconds: 8, services: growing }]);
  expect(opened).toEqual([[20 + pressingMs / 1_000, 'scale_up orders']]);
  const falling = (second: number) => [saturated('orders', { pending: 300 - second })];
  const slower = play([before, { seconds: 8, services: falling }]);
  expect(slower.opened).toEqual([[20 + defaultSettings.holdMs / 1_000, 'scale_up orders']]);
});

test('pressure of a CPU is told sooner when it was busy before', () => {
  const hot = (seconds: number, busy: number) =>
    lasting(seconds, serviceView('orders', { busy, arrivalsPerSecond: 200 }));
  const openedAfter = (busy: number) =>
    play([hot(20, busy), hot(20, 95)]).opened.map(([at]) => at - 20);
  expect(openedAfter(70)).toEqual([lastingMs / 1_000]);
  expect(openedAfter(40)).toEqual([defaultSettings.holdMs / 1_000]);
});

test('pressure without a full loop is told sooner when more requests wait than usual', () => {
  const split = splitOf({ externalMs: 900 });
  const openedAfter = (p99: number, pending: number) => {
    const waiting = serviceView('orders', { p99, pending, split });
    return play([before, lasting(20, waiting)]).opened.map(([at]) => at - 20);
  };
  expect(openedAfter(300, 40)).toEqual([agreeingMs / 1_000]);
  expect(openedAfter(900, 0)).toEqual([(defaultSettings.holdMs + viewWindowMs) / 1_000]);
});

test('pressure that is critical is told in the fourth second in which many wait, also of a later P99', () => {
  const split = splitOf({ externalMs: 900 });
  const waiting = { pending: 40, split };
  const [first, others] = [serviceView('orders', waiting), { ...waiting, p99: 900 }];
  const slow = lasting(20, serviceView('orders', others));
  expect(play([before, lasting(1, first), slow]).opened[0]?.[0]).toBe(20 + 3);
  const over = play([before, lasting(3, serviceView('orders', others)), lasting(20, first)]);
  expect(over.opened).toEqual([]);
});

test('pressure is told sooner when each second alone was slow, and not when a view still shows one', () => {
  const slow = (p99Ms: number, p99 = 900) =>
    serviceView('orders', {
      p99,
      pending: 2,
      split: splitOf({ externalMs: 900 }),
      lastSecond: { arrivals: 20, completions: 20, p99Ms },
    });
  const openedAfter = (...scenes: readonly Scene[]) =>
    play([before, ...scenes]).opened.map(([at]) => at - 20);
  expect(openedAfter(lasting(20, slow(700)))).toEqual([lastingMs / 1_000]);
  expect(openedAfter(lasting(20, slow(200, 300)))).toEqual([defaultSettings.holdMs / 1_000]);
  expect(openedAfter(lasting(2, slow(700)), lasting(5, slow(30)))).toEqual([]);
});

test('what is a little below its line again is not told as if it were over it', () => {
  const split = splitOf({ externalMs: 240 });
  const reasonAt = (p99: number) => {
    const waiting = (own: number) => serviceView('orders', { p99: own, pending: 40, split });
    const { last } = play([before, lasting(20, waiting(250)), lasting(1, waiting(p99))]);
    return last.recommendations[0]?.reason;
  };
  expect(reasonAt(250)).toMatch(/^P99 is 250 ms \(warning at 100 ms\) for \d+ s/);
  expect(reasonAt(92)).toMatch(/^P99 is 92 ms \(about its warning at 100 ms\) for \d+ s/);
});
