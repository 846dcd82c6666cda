import { expect, test } from 'vitest';
import { sameCaseMs, staysFor, turnFrom, turnMs } from '../../../src/advisor/advice/turn.ts';
import type { Found } from '../../../src/advisor/judge.ts';
import { clearAfterMs } from '../../../src/advisor/settings.ts';
import { freeAfterMs } from '../../../src/advisor/signals/full.ts';
import { instant } from '../../../src/protocol/units.ts';
import { Random } from '../../../src/simulator/random.ts';
import { lasting, play, quarter, type Scene, serviceView, splitOf } from '../../helpers/advisor.ts';
import { turnsIn, waverings } from '../../helpers/scenarios/wavering.ts';

const [spareMachine, halfMachine, , justTooMuch] = waverings;

/** More variants, and more classes, are played by `npm run bench:advisor`. */
test.each([spareMachine, halfMachine])(
  'advice changes its mind once at most: $name',
  (wavering) => {
    const seeds = [3, 9, 14];
    const turns = seeds.map((seed) =>
      turnsIn(wavering?.setUp(new Random(seed)) ?? { services: [] }, seed),
    );
    expect(turns.filter((count) => count > 1)).toEqual([]);
  },
);

test('what is found at ease takes no place of what comes back at once', () => {
  const seed = 1_011;
  expect(turnsIn(justTooMuch?.setUp(new Random(seed)) ?? { services: [] }, seed)).toBe(1);
});

const busy = { workers: 2, busy: 100, arrivalsPerSecond: 200, p99: 600, pending: 60 };
const on = (seconds: number, cpu: number, starvation: number): Scene => ({
  seconds,
  cpu,
  cores: 2,
  services: [
    serviceView('orders', { ...busy, starvation, split: splitOf({ cpuMs: 5, loopWaitMs: 300 }) }),
  ],
});
const calm = lasting(20, serviceView('orders'));
const kinds = (opened: readonly (readonly [number, string])[]) => opened.map(([, what]) => what);

test('a machine that has become full is told within five seconds', () => {
  const { opened } = play([calm, on(40, 60, 0), on(10, 100, 0.4)]);
  expect(kinds(opened)).toEqual(['scale_up orders', 'migrate orders']);
  expect(opened[1]?.[0]).toBeLessThanOrEqual(60 + 5);
});

test('a machine that a rush has filled for a moment is not full', () => {
  const rush = [on(6, 70, 0.04), on(4, 91, 0.14), on(60, 70, 0.04)];
  expect(kinds(play([calm, ...rush]).opened)).toEqual(['scale_up orders']);
});

test('a full machine that has a little room for some seconds is full all the same', () => {
  const moments = Array.from({ length: 8 }, () => [on(12, 80, 0.04), on(4, 100, 0.4)]).flat();
  expect(kinds(play([calm, on(20, 100, 0.4), ...moments]).opened)).toEqual(['migrate orders']);
});

test('a machine is free again when it has had room for long enough, or much of it is idle', () => {
  const full = on(20, 100, 0.4);
  const long = play([calm, full, on(freeAfterMs / 1_000 + 20, 86, 0)]);
  expect(kinds(long.opened)).toEqual(['migrate orders', 'scale_up orders']);
  const soon = play([calm, full, on(20, 40, 0)]);
  expect(kinds(soon.opened)).toEqual(['migrate orders', 'scale_up orders']);
});

test('two cores of which most of one is idle are free within seconds', () => {
  const { opened } = play([calm, on(20, 100, 0.4), on(15, 62, 0.01)]);
  expect(kinds(opened)).toEqual(['migrate orders', 'scale_up orders']);
});

const waiting = (externalMs: number, loopWaitMs: number) =>
  quarter(
    serviceView('orders', { busy: 75, p99: 700, split: splitOf({ externalMs, loopWaitMs }) }),
  );

test('what has taken the place of another gives it back when that is so for longer than it swings', () => {
  const [outside, loop] = [waiting(400, 100), waiting(100, 400)];
  const swinging = [outside, loop, outside, loop, outside, loop];
  const swung = kinds(play([calm, ...swinging]).opened);
  expect(swung).toEqual(['investigate orders', 'scale_up orders']);
  const stayed = kinds(play([calm, outside, loop, { ...outside, seconds: 40 }]).opened);
  expect(stayed).toEqual(['investigate orders', 'scale_up orders', 'investigate orders']);
});

test('a cause that explains nearly all, after one that has lasted, is told within five seconds', () => {
  const [outside, loop] = [waiting(490, 10), waiting(10, 490)];
  const lasting = (scene: Scene): Scene => ({ ...scene, seconds: 45 });
  const { opened } = play([calm, lasting(outside), lasting(loop), lasting(outside)]);
  expect(kinds(opened)).toEqual(['investigate orders', 'scale_up orders', 'investigate orders']);
  expect(opened[2]?.[0]).toBeLessThanOrEqual(calm.seconds + 90 + 5);
});

test('trouble that is critical anew is told within five seconds, whatever was said in between', () => {
  const [outside, loop] = [waiting(400, 100), waiting(100, 400)];
  const milder = serviceView('orders', {
    busy: 75,
    p99: 300,
    split: splitOf({ externalMs: 100, loopWaitMs: 200 }),
  });
  const scenes = [calm, outside, loop, lasting(30, milder)];
  const begins = scenes.reduce((sum, { seconds }) => sum + seconds, 0);
  const { opened } = play([...scenes, { ...outside, seconds: 20 }]);
  expect(kinds(opened)).toEqual(['investigate orders', 'scale_up orders', 'investigate orders']);
  expect(opened[2]?.[0]).toBeLessThanOrEqual(begins + 5);
  expect(kinds(play([calm, outside, loop, outside]).opened)).toHaveLength(2);
});

test('new trouble swings to no cause whose evidence is old, though its advice still stood', () => {
  const [open] = play([calm, waiting(100, 400)]).memory.open;
  if (open === undefined) throw new Error('nothing was advised');
  const instead = (afterMs: number): number => {
    const at = instant(open.seenAt + afterMs);
    const situation = { history: { points: [] } };
    const own = [
      { severity: 'critical', draft: { action: 'scale_up', strength: 1 }, situation },
    ] as unknown as readonly Found[];
    return staysFor({ ...open, ...turnFrom(open, 'critical', at) }, own);
  };
  expect([instead(5_000), instead(sameCaseMs)]).toEqual([2 * clearAfterMs, turnMs]);
});
