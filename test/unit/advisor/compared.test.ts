import { describe, expect, test } from 'vitest';
import { actionDone } from '../../../src/advisor/advisor.ts';
import type { Memory } from '../../../src/advisor/memory/memory.ts';
import { settingsOf } from '../../../src/advisor/settings.ts';
import type { ServiceView } from '../../../src/advisor/view.ts';
import { seconds } from '../../../src/protocol/units.ts';
import { play, second, serviceView } from '../../helpers/advisor.ts';

describe('what an action was to bring is compared with what it brought', () => {
  const busy = (workers: number, p99: number): ServiceView =>
    serviceView('orders', { workers, busy: 140 / workers, p99, arrivalsPerSecond: 200 });
  const started = (queueAt: readonly [workers: number, p99: number], to: number): Memory => {
    const { memory } = play([
      { seconds: 33, services: [busy(...queueAt)] },
      // Its views still show the P99 of before, when it is done already.
      { seconds: 2, services: [busy(to, queueAt[1])] },
    ]);
    const direction = to > queueAt[0] ? 'up' : 'down';
    return actionDone(memory, { actionId: 'a-1', service: 'orders', direction, at: second(35) });
  };

  test('from the queue with the workers that there were before', () => {
    const [waiting] = started([2, 90], 4).waiting;
    expect(waiting?.queue).toMatchObject({ workers: 2, p99: 90 });
    expect(started([4, 40], 2).waiting[0]?.queue).toMatchObject({ workers: 4, p99: 40 });
  });

  test('also when they came one after the other', () => {
    const { memory } = play([
      { seconds: 32, services: [busy(2, 90)] },
      { seconds: 1, services: [busy(3, 90)] },
      { seconds: 2, services: [busy(4, 80)] },
    ]);
    const done = { actionId: 'a-1', service: 'orders', direction: 'up', at: second(35) } as const;
    expect(actionDone(memory, done).waiting[0]?.queue).toMatchObject({ workers: 2, p99: 90 });
  });

  test('in views that show nothing of the time before it', () => {
    const settings = settingsOf({ cooldownMs: seconds(10) });
    const { all } = play(
      [
        { seconds: 5, services: [busy(4, 90)] },
        { seconds: 15, services: (at) => [busy(4, at < 45 ? 30 : 40)] },
      ],
      { memory: started([2, 90], 4), from: 35, settings },
    );
    const [verdict] = all.flatMap(({ verified }) => verified);
    expect(verdict?.verification.actual?.latencyP99Ms).toBe(30);
  });
});
