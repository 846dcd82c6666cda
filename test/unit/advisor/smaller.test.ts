import { describe, expect, test } from 'vitest';
import { defaultSettings } from '../../../src/advisor/settings.ts';
import type { ServiceView } from '../../../src/advisor/view.ts';
import { seconds } from '../../../src/protocol/units.ts';
import {
  lasting,
  lonely,
  minutes,
  play,
  type Scene,
  saidBy,
  serviceView,
} from '../../helpers/advisor.ts';

/** Five minutes are enough to be idle. */
const settings = {
  ...defaultSettings,
  thresholds: {
    ...defaultSettings.thresholds,
    underutilized: { cpu: 20, duration: seconds(300) },
  },
};
const enough = minutes(6);
const played = (scenes: readonly Scene[]) => play(scenes, { settings });
const refusalIn = (scenes: readonly Scene[], action: 'scale_down' | 'colocate') =>
  played(scenes).last.notAdvised.find((each) => each.action === action)?.because;

describe('a service that idles is not made smaller', () => {
  const idle = (maxMs: number): ServiceView =>
    serviceView('orders', {
      workers: 4,
      busy: 4,
      slices: { perSecond: 20, maxMs, sumOfSquaresMs2PerSecond: 80 + maxMs ** 2 / 5 },
    });
  /** A view shows a slice for as long as it spans. */
  const blockedEach = (seconds: number, maxMs: number): Scene => ({
    seconds: enough,
    services: (at) => [idle(at % seconds < 5 ? maxMs : 5)],
  });

  test('while its loop is blocked now and then, which the other workers hide', () => {
    const scenes = [blockedEach(40, 600)];
    expect(saidBy(played(scenes).last)).toEqual([]);
    const because = 'its event loop was blocked for 600 ms, which the other workers hid';
    expect(refusalIn(scenes, 'scale_down')).toBe(because);
    expect(refusalIn([blockedEach(minutes(4), 600)], 'scale_down')).toBe(because);
  });

  test('but is, when nothing held its loop for long', () => {
    expect(saidBy(played([blockedEach(40, 90)]).last)).toEqual(['scale_down orders']);
  });
});

describe('a service whose loop is held now and then', () => {
  const heldFor = (maxMs: number): Scene => ({
    seconds: enough,
    services: (at) => [
      serviceView('orders', {
        workers: 4,
        busy: 4,
        slices: { perSecond: 20, maxMs: at % 240 < 5 ? maxMs : 5, sumOfSquaresMs2PerSecond: 80 },
      }),
    ],
  });

  test('is made smaller when whoever waits for that is in time all the same', () => {
    expect(saidBy(played([heldFor(200)]).last)).toEqual(['scale_down orders']);
    expect(saidBy(played([heldFor(400)]).last)).toEqual([]);
  });
});

describe('services that share idle workers', () => {
  const shared = (given: Partial<ServiceView> = {}): readonly ServiceView[] => [
    serviceView('b', { group: 'g', colocatedWith: ['a', 'c'], workers: 4, busy: 3, ...given }),
    serviceView('a', { group: 'g', colocatedWith: ['b', 'c'], workers: 4, busy: 3 }),
    serviceView('c', { group: 'g', colocatedWith: ['a', 'b'], workers: 4, busy: 3 }),
  ];
  const night = (given?: Partial<ServiceView>) => [lasting(enough, ...shared(given))];

  test('are made smaller once, and not each', () => {
    const { last, opened } = played(night());
    expect(opened.map(([, what]) => what)).toEqual(['scale_down a']);
    expect(last.recommendations[0]?.reason).toContain('shared with b and c');
  });

  test('are not while one of them is under pressure', () => {
    const failing = {
      errorRate: 0.5,
      lastSecond: { arrivals: 20, completions: 20, errorRate: 0.5 },
    };
    expect(played(night(failing)).opened.map(([, what]) => what)).toEqual(['investigate b']);
  });

  test('are not when one of them is blocked, needs them, or would answer late', () => {
    const slices = { perSecond: 1, maxMs: 600, sumOfSquaresMs2PerSecond: 9_000 };
    expect(refusalIn(night({ slices }), 'scale_down')).toContain('blocked for 600 ms');
    expect(played(night({ minWorkers: 4 })).opened).toEqual([]);
    expect(
      refusalIn(night({ latencyMs: { p50: 99, p90: 200, p99: 450, max: 480 } }), 'scale_down'),
    ).toContain('P99 would be');
  });
});

describe('two services that nobody asks', () => {
  const night = (memoryMb: Readonly<Record<string, number>>, given: Partial<ServiceView> = {}) =>
    lasting(
      enough,
      ...Object.entries(memoryMb).map(([name, memoryMbPerWorker]) =>
        lonely(name, { memoryMbPerWorker, ...given }),
      ),
    );

  test('share no process that would be at its memory line', () => {
    const scenes = [night({ a: 700, b: 700 })];
    expect(saidBy(played(scenes).last)).toEqual([]);
    expect(refusalIn(scenes, 'colocate')).toBe(
      'a and b would take 1400 MB together (at most 512 MB)',
    );
  });

  test('share none either that would pass its limit', () => {
    const scenes = [night({ a: 90, b: 90 }, { memoryLimitMb: 128 })];
    expect(refusalIn(scenes, 'colocate')).toBe(
      'a and b would take 180 MB together (at most 128 MB)',
    );
  });

  test('share one with whom there is room', () => {
    const { last } = played([night({ a: 480, b: 90, c: 90 })]);
    expect(saidBy(last)).toEqual(['colocate b']);
    expect(last.recommendations[0]?.details).toMatchObject({ with: ['c'], memoryMb: 180 });
  });
});
