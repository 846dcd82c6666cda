import { expect, test } from 'vitest';
import { meanOfLast, saturatedBusy } from '../../../src/advisor/history/sums.ts';
import { type Usage, usageOver } from '../../../src/advisor/history/usage.ts';
import { lastSeconds } from '../../../src/advisor/history/window.ts';
import { initialMemory, type Stretch } from '../../../src/advisor/memory/memory.ts';
import { decodeMemory, encodeMemory } from '../../../src/advisor/memory/persist.ts';
import { defaultSettings } from '../../../src/advisor/settings.ts';
import { ms } from '../../../src/protocol/units.ts';
import {
  calm,
  lonely,
  minutes,
  play,
  type Scene,
  saidBy,
  second,
  serviceView,
} from '../../helpers/advisor.ts';

const idle = (seconds: number): Scene => ({
  seconds,
  services: [serviceView('orders', { workers: 3, busy: 5 })],
});

test('half an hour of idleness is told after half an hour, and not a second before', () => {
  expect(play([idle(minutes(30))]).opened).toEqual([]);
  expect(play([idle(minutes(31))]).opened).toEqual([[minutes(30), 'scale_down orders']]);
});

test('half an hour counts by the clock, however seldom it is looked', () => {
  let { memory } = play([idle(10)]);
  const said: number[] = [];
  for (let at = 10; at < minutes(40); at += 1) {
    // Every seventh look is missed.
    if (at % 7 === 0) continue;
    const played = play([idle(1)], { memory, from: at });
    memory = played.memory;
    if (played.last.recommendations.length > 0) said.push(at);
  }
  expect(said[0]).toBe(minutes(30));
});

test('one busy moment in half an hour begins it anew', () => {
  const busy: Scene = {
    seconds: 10,
    services: [serviceView('orders', { workers: 3, busy: 60 })],
  };
  const { opened } = play([idle(minutes(20)), busy, idle(minutes(31))]);
  expect(opened).toEqual([[minutes(50) + 11, 'scale_down orders']]);
});

test('a restart of the supervisor does not begin it anew', () => {
  const before = play([idle(minutes(20))]);
  const memory = decodeMemory(encodeMemory(before.memory));
  const after = play([idle(minutes(11))], { memory, from: minutes(20) + 30 });
  expect(after.opened).toEqual([[minutes(30), 'scale_down orders']]);
});

test('a restart of the supervisor does not make it forget a leak', () => {
  const leaking = (seconds: number): Scene => ({
    seconds,
    services: (at) => [serviceView('orders', { memoryMbPerWorker: 100 + at / 2 })],
  });
  const { memory, last } = play([leaking(341)]);
  expect(saidBy(last)).toEqual(['investigate orders']);
  const read = decodeMemory(encodeMemory(memory));
  const { all } = play([leaking(9)], { memory: read, from: 341 });
  expect(all.flatMap(saidBy)).toEqual(Array.from({ length: 9 }, () => 'investigate orders'));
});

test('a time that nobody looked is no idleness', () => {
  const { memory } = play([idle(minutes(20))]);
  expect(play([idle(minutes(5))], { memory, from: minutes(34) }).opened).toEqual([]);
});

test('with half an hour for advice, the autopilot needs minutes, and fewer for more idle workers', () => {
  const settings = { ...defaultSettings, autoExecute: true };
  const idleFrom = (workers: number): number | undefined =>
    play([{ seconds: minutes(6), services: [serviceView('orders', { workers, busy: 5 })] }], {
      settings,
    }).opened[0]?.[0];
  expect(idleFrom(2)).toBeGreaterThan(minutes(3));
  expect(idleFrom(3)).toBeLessThan(minutes(2));
  expect(idleFrom(8)).toBeLessThan(30);
});

test('services are colocated only while no service is under pressure', () => {
  const pair = [lonely('gateway'), lonely('mailer')];
  const quiet = { seconds: minutes(30) + 20, services: pair };
  const busy = { seconds: 60, services: [...pair, serviceView('orders', { busy: 95 })] };
  const { memory, last } = play([quiet]);
  expect(saidBy(last)).toEqual(['colocate gateway']);
  const { last: later } = play([busy], { memory, from: quiet.seconds });
  expect(saidBy(later)).not.toContain('colocate gateway');
});

test('one pair of services is colocated at a time', () => {
  const services = ['d', 'c', 'b', 'a'].map((name) => lonely(name));
  const { last } = play([{ seconds: minutes(31), services }]);
  expect(last.recommendations.map(({ command }) => command)).toEqual(['forge colocate a b']);
});

test('the last seconds are those of the clock, not the last that were seen', () => {
  const { memory } = play([calm(serviceView('orders'))]);
  const gap = play([{ seconds: 1, services: [serviceView('orders')] }], { memory, from: 50 });
  const points = gap.memory.services['orders']?.points ?? [];
  expect(points.length).toBeGreaterThan(20);
  expect(lastSeconds(points, 10)).toHaveLength(1);
});

test('a mean over any window is that of its seconds, also over a gap and of those that are forgotten', () => {
  const seen = (at: number): Scene => ({
    seconds: 1,
    services: [
      serviceView('orders', { busy: (at * 37) % 100, arrivalsPerSecond: 50 + ((at * 13) % 29) }),
    ],
  });
  let memory = initialMemory;
  for (let at = 0; at < 200; at += 1) {
    if (at > 90 && at < 130) continue;
    ({ memory } = play([seen(at)], { memory, from: at }));
    const points = memory.services['orders']?.points ?? [];
    for (const seconds of [1, 7, 30, 60]) {
      const own = lastSeconds(points, seconds);
      const free = own.filter(({ meanBusy }) => meanBusy < saturatedBusy);
      const total = own.reduce((sum, { arrived }) => sum + arrived, 0);
      expect(meanOfLast(points, 'arrived', seconds)).toBeCloseTo(total / own.length);
      expect(meanOfLast(points, 'freeSeconds', seconds)).toBeCloseTo(free.length / own.length);
    }
  }
});

const stretch = (at: number, given: Partial<Stretch> = {}): Stretch => ({
  at: second(at),
  seconds: 10,
  meanBusy: 5,
  meanArrivals: 2,
  peakCores: 0.1,
  minMemoryMb: 80,
  maxSliceMs: 3,
  ...given,
});

const tail = [20, 30, 40, 50].map((at) => stretch(at));

test.each<[string, readonly Stretch[], Partial<Usage> | undefined]>([
  ['the whole period', [0, 10, 20, 30, 40, 50].map((at) => stretch(at)), { busy: 5 }],
  ['its busiest stretch', [stretch(0), stretch(10, { meanBusy: 33 }), ...tail], { busy: 33 }],
  ['its busiest second', [stretch(0), stretch(10, { peakCores: 2 }), ...tail], { peakCores: 2 }],
  [
    'what came before it: nothing',
    [stretch(-30, { meanBusy: 90 }), stretch(0), stretch(10), ...tail],
    { busy: 5 },
  ],
  ['a period that began too late', [stretch(10), ...tail], undefined],
  ['a period with a hole', [stretch(0), stretch(50)], undefined],
])('of a minute counts %s', (_name, stretches, usage) => {
  const seen = usageOver({ stretches }, ms(60_000), second(60));
  if (usage === undefined) expect(seen).toBeUndefined();
  else expect(seen).toMatchObject(usage);
});
