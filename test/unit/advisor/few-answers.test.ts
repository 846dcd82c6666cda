import { describe, expect, test } from 'vitest';
import { actionDone } from '../../../src/advisor/advisor.ts';
import type { Verification } from '../../../src/protocol/action.ts';
import {
  calm,
  play,
  quarter,
  saturated,
  second,
  serviceView,
  splitOf,
} from '../../helpers/advisor.ts';

/** Workers were added when P99 was 600 ms: the verdict on what came, of so many answers a second. */
const verdictOn = (p99: number, perSecond: number): Verification => {
  const rate = { arrivalsPerSecond: perSecond, completionsPerSecond: perSecond };
  const scenes = [
    calm(serviceView('orders', { busy: 30, ...rate })),
    quarter(saturated('orders', rate)),
  ];
  const before = play(scenes);
  const [recommendation] = before.last.recommendations;
  if (recommendation === undefined) throw new Error('Nothing was advised');
  const { service, action } = recommendation;
  const done = { actionId: 'a', service, action, direction: 'up', recommendation } as const;
  const { all } = play(
    [{ seconds: 61, services: [saturated('orders', { workers: 2, p99, ...rate })] }],
    { memory: actionDone(before.memory, { ...done, at: second(35) }), from: 35 },
  );
  const [verdict] = all.flatMap(({ verified }) => verified);
  if (verdict === undefined) throw new Error('There is no verdict');
  return verdict.verification;
};

describe('a verdict that few requests tell', () => {
  test('is none when its line lies within what chance makes of them', () => {
    expect(verdictOn(400, 3)).toMatchObject({ helped: false, inconclusive: true });
    expect(verdictOn(400, 3).because).toMatch(
      /^P99 went from 600 ms to 400 ms.*, and too few requests tell it$/,
    );
    expect(verdictOn(250, 3)).toMatchObject({ helped: false, inconclusive: true });
  });

  test('is one when it is far from its line, or many tell the same', () => {
    expect(verdictOn(40, 3)).toMatchObject({ helped: true });
    for (const verdict of [verdictOn(800, 3), verdictOn(400, 30)]) {
      expect(verdict).toMatchObject({ helped: false });
      expect(verdict).not.toHaveProperty('inconclusive');
    }
    expect(verdictOn(250, 30)).toMatchObject({ helped: true });
  });

  test('is one when nothing was expected, and nothing came', () => {
    const waiting = (workers: number) =>
      saturated('orders', {
        ...{ workers, busy: 5, arrivalsPerSecond: 3, completionsPerSecond: 3 },
        split: splitOf({ externalMs: 550 }),
      });
    const calmBefore = serviceView('orders', { arrivalsPerSecond: 3, completionsPerSecond: 3 });
    const before = play([calm(calmBefore), quarter(waiting(1))]);
    const byHand = {
      actionId: 'a',
      service: 'orders',
      action: 'scale_up',
      direction: 'up',
    } as const;
    const { all } = play([{ seconds: 61, services: [waiting(2)] }], {
      memory: actionDone(before.memory, { ...byHand, at: second(35) }),
      from: 35,
    });
    const [verdict] = all.flatMap(({ verified }) => verified);
    expect(verdict?.verification.because).toMatch(/^P99 went from 600 ms to 600 ms/);
    expect(verdict?.verification).toMatchObject({ helped: false });
    expect(verdict?.verification).not.toHaveProperty('inconclusive');
  });
});
