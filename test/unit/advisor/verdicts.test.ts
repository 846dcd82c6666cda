import { describe, expect, test } from 'vitest';
import { actionDone } from '../../../src/advisor/advisor.ts';
import type { Done, Memory } from '../../../src/advisor/memory/memory.ts';
import { confidenceAfter } from '../../../src/advisor/model/confidence.ts';
import { defaultSettings, settingsOf } from '../../../src/advisor/settings.ts';
import type { ServiceView } from '../../../src/advisor/view.ts';
import type { Verification } from '../../../src/protocol/action.ts';
import { seconds } from '../../../src/protocol/units.ts';
import {
  calm,
  type Played,
  play,
  quarter,
  saidBy,
  saturated,
  second,
  serviceView,
  splitOf,
} from '../../helpers/advisor.ts';

const orders = (given: Parameters<typeof serviceView>[1] = {}): ServiceView =>
  serviceView('orders', { workers: 2, arrivalsPerSecond: 200, ...given });
const overload = play([
  calm(orders({ workers: 1, busy: 30 })),
  quarter(saturated('orders', { completionsPerSecond: 120 })),
]);

/** Accepts what is advised, at the second after the last that was played. */
const accepted = ({ last, memory }: Played, given: Partial<Done> = {}): Memory => {
  const [recommendation] = last.recommendations;
  if (recommendation === undefined) throw new Error('Nothing was advised');
  return actionDone(memory, {
    actionId: 'a-1',
    service: recommendation.service,
    direction: 'up',
    action: recommendation.action,
    at: second(35),
    recommendation,
    ...given,
  });
};

const verdictAfter = (memory: Memory, service: ServiceView, seconds = 61): Verification => {
  const { all } = play([{ seconds, services: [service] }], { memory, from: 35 });
  const [first, ...others] = all.flatMap(({ verified }) => verified);
  if (first === undefined || others.length > 0) throw new Error('There is not one verdict');
  return first.verification;
};

describe('a verdict on more workers', () => {
  test('is good when workers that were full answer more, though requests still wait', () => {
    const after = saturated('orders', {
      workers: 2,
      p99: 620,
      arrivalsPerSecond: 260,
      completionsPerSecond: 230,
    });
    const { helped, because } = verdictAfter(accepted(overload), after);
    expect(helped).toBe(true);
    expect(because).toMatch(/^it answers 230 requests a second instead of 120: P99 went from 600 /);
  });

  test('is bad when they are as busy as before, and answer no more than before', () => {
    const spinning = saturated('orders', { workers: 2, p99: 640, completionsPerSecond: 120 });
    const { helped, inconclusive, because } = verdictAfter(accepted(overload), spinning);
    expect({ helped, inconclusive }).toEqual({ helped: false, inconclusive: undefined });
    expect(because).toMatch(/^P99 went from 600 ms to 640 ms/);
  });

  const queueing = (given: object) => saturated('orders', { busy: 80, pending: 9, ...given });
  const queued = play([
    calm(orders({ workers: 1, busy: 30 })),
    quarter(queueing({ arrivalsPerSecond: 120 })),
  ]);

  test('is none when the load has grown and it is no better', () => {
    const more = queueing({ workers: 2, p99: 640, arrivalsPerSecond: 160 });
    expect(verdictAfter(accepted(queued), more)).toMatchObject({ inconclusive: true });
    const same = queueing({ workers: 2, p99: 640, arrivalsPerSecond: 120 });
    expect(verdictAfter(accepted(queued), same)).not.toHaveProperty('inconclusive');
  });

  test('is bad when more was answered only while what had piled up was worked off', () => {
    const pressed = { workers: 2, p99: 640, arrivalsPerSecond: 120 };
    const drain = (second: number) =>
      queueing({ ...pressed, pending: 9 + (40 - second) * 60, completionsPerSecond: 180 });
    const scenes = [
      { seconds: 5, services: (second: number) => [drain(second)] },
      { seconds: 6, services: [queueing(pressed)] },
    ];
    const settings = { ...defaultSettings, cooldownMs: seconds(5) };
    const { all } = play(scenes, { memory: accepted(queued), from: 35, settings });
    const [verdict] = all.flatMap(({ verified }) => verified);
    expect(verdict).toMatchObject({ verification: { helped: false } });
    expect(verdict?.verification).not.toHaveProperty('inconclusive');
  });

  test('compares with the time under pressure alone, when somebody acts at once', () => {
    const early = play([
      calm(orders({ workers: 1, busy: 30, arrivalsPerSecond: 40 })),
      { seconds: 5, services: [orders({ workers: 1, busy: 30, arrivalsPerSecond: 40 })] },
      { seconds: 4, services: [saturated('orders', { p99: 700, completionsPerSecond: 180 })] },
    ]);
    const at = second(early.all.length);
    const memory = accepted({ ...early, last: overload.last }, { at });
    const after = orders({ busy: 60, p99: 110, arrivalsPerSecond: 240 });
    const scenes = [{ seconds: 61, services: [after] }];
    const { all } = play(scenes, { memory, from: early.all.length });
    const [verdict] = all.flatMap(({ verified }) => verified);
    expect(verdict?.verification.helped).toBe(true);
    expect(verdict?.verification.because).toMatch(/^P99 went from 700 ms to 110 ms/);
  });

  test('of a service that was hot only is that it is as cool as predicted, one of nine too', () => {
    const hot = { busy: 90, p99: 60, split: splitOf({ loopWaitMs: 5 }), arrivalsPerSecond: 1_600 };
    const played = play([
      calm(serviceView('orders', { workers: 8, busy: 40, arrivalsPerSecond: 700 })),
      quarter(serviceView('orders', { workers: 8, ...hot })),
    ]);
    expect(saidBy(played.last)).toEqual(['scale_up orders']);
    const nine = serviceView('orders', { workers: 9, ...hot, busy: 80 });
    expect(verdictAfter(accepted(played), nine)).toMatchObject({ helped: true });
    const useless = serviceView('orders', { workers: 9, ...hot, busy: 90 });
    expect(verdictAfter(accepted(played), useless)).toMatchObject({ helped: false });
  });

  test('that were planned is whether P99 was kept below its line', () => {
    const rush = { arrivalsPerSecond: 380, completionsPerSecond: 200 };
    const planned = play([calm(serviceView('orders')), quarter(saturated('orders', rush))], {
      settings: settingsOf({ scaling: { autoExecute: { scale: true } } }),
    });
    const verdict = (p99: number, completionsPerSecond: number, seconds = 61): Verification =>
      verdictAfter(
        accepted(planned),
        saturated('orders', { workers: 2, p99, completionsPerSecond }),
        seconds,
      );
    expect(verdict(480, 200)).toMatchObject({
      helped: true,
      because: 'P99 is 480 ms, to be kept below 500 ms',
    });
    expect(verdict(640, 200)).toMatchObject({ helped: false });
    expect(verdict(640, 200)).not.toHaveProperty('inconclusive');
    expect(verdict(640, 215)).toMatchObject({ helped: false, inconclusive: true });
    expect(verdict(40, 90, 151)).toMatchObject({ helped: false, inconclusive: true });
  });

  test('less, planned for the load as well, is the same: a warning is within the plan', () => {
    const few = { busy: 10, p99: 150 };
    const idle = serviceView('orders', { ...few, workers: 4, arrivalsPerSecond: 100 });
    const planned = play([{ seconds: 240, services: [idle] }], {
      settings: settingsOf({ scaling: { autoExecute: { scale: true } } }),
      from: -205,
    });
    expect(saidBy(planned.last)).toEqual(['scale_down orders']);
    const memory = accepted(planned, { direction: 'down' });
    const slower = (p99: number): ServiceView =>
      saturated('orders', { workers: 1, busy: 80, p99, arrivalsPerSecond: 100, pending: 5 });
    expect(verdictAfter(memory, slower(480), 31)).toMatchObject({
      helped: true,
      because: 'P99 is 480 ms, to be kept below 500 ms',
    });
    expect(verdictAfter(memory, slower(640), 61)).toMatchObject({ helped: false });
  });

  test('that an operator had the idea of is bad when the pressure stays', () => {
    const pool = (workers: number): ServiceView =>
      orders({ workers, busy: 8, p99: 900, pending: 80, split: splitOf({ externalMs: 700 }) });
    const played = play([calm(orders({ workers: 1 })), quarter(pool(1))]);
    expect(saidBy(played.last)).toEqual(['investigate orders']);
    const memory = actionDone(played.memory, {
      actionId: 'a-1',
      service: 'orders',
      direction: 'up',
      action: 'scale_up',
      at: second(35),
    });
    expect(verdictAfter(memory, pool(2))).toMatchObject({ helped: false });
    expect(verdictAfter(memory, orders({ p99: 20 }))).toMatchObject({ helped: true });
  });

  test('comes as soon as enough was answered, and after a minute at the latest', () => {
    const ages = (rate: number): readonly number[] => {
      const seen = orders({ busy: 50, p99: 40, completionsPerSecond: rate });
      const start = play([
        calm(orders({ workers: 1, completionsPerSecond: rate })),
        quarter(saturated('orders', { completionsPerSecond: rate })),
      ]);
      const { all } = play([{ seconds: 90, services: [seen] }], {
        memory: accepted(start),
        from: 35,
      });
      return all.flatMap(({ verified }, age) => (verified.length > 0 ? [age] : []));
    };
    expect(ages(100)).toEqual([30]);
    expect(ages(8)).toEqual([37]);
    expect(ages(3)).toEqual([60]);
  });
});

test('a verdict waits while what has piled up is worked off, but not for ever', () => {
  const draining = (fromSecond: number) => (at: number) => [
    orders({ busy: 100, p99: 900, pending: Math.max(0, 60 * (fromSecond - at)) }),
  ];
  const ages = (until: number): readonly number[] =>
    play([{ seconds: 90, services: draining(until) }], {
      memory: accepted(overload),
      from: 35,
    }).all.flatMap(({ verified }, age) => (verified.length > 0 ? [age] : []));
  expect(ages(35 + 10)).toEqual([30]);
  expect(ages(35 + 40)[0]).toBeGreaterThan(40);
  expect(ages(35 + 300)).toEqual([60]);
});

test('a verdict compares no second in which the backlog was worked off', () => {
  const drainedAt = 35 + 21;
  const service = (at: number) => [
    at < drainedAt
      ? orders({ busy: 90, p99: 541, pending: 60 * (drainedAt - at) })
      : orders({ busy: 62, p99: 88 }),
  ];
  const { all } = play([{ seconds: 61, services: service }], {
    memory: accepted(overload),
    from: 35,
  });
  expect(all.flatMap(({ verified }) => verified)).toMatchObject([
    { verification: { helped: true, actual: { latencyP99Ms: 88 } } },
  ]);
});

describe('a prediction', () => {
  test('is tried at the load that came, and does not know what came of it', () => {
    const at = (p99: number) => verdictAfter(accepted(overload), orders({ busy: 50, p99 }));
    expect(at(40).predicted).toEqual(at(4_000).predicted);
    expect(at(40).range?.latencyP99Ms?.high).toBeGreaterThan(
      at(40).range?.latencyP99Ms?.low ?? Number.POSITIVE_INFINITY,
    );
    const busier = verdictAfter(accepted(overload), orders({ busy: 50, arrivalsPerSecond: 260 }));
    expect(busier.predicted.cpu).toBeGreaterThan(at(40).predicted.cpu ?? 1_000);
  });

  test('is kept with its outcome', () => {
    const { memory } = play([{ seconds: 31, services: [orders({ busy: 70, p99: 40 })] }], {
      memory: accepted(overload),
      from: 35,
    });
    expect(memory.outcomes).toMatchObject([
      {
        helped: true,
        confidence: confidenceAfter([])('scale_up', 1).confidence,
        cpu: { actual: 70 },
        latencyP99Ms: { actual: 40 },
      },
    ]);
  });
});

describe('an action whose effect cannot be told', () => {
  const undo: Done = {
    actionId: 'undo-1',
    service: 'orders',
    direction: 'down',
    action: 'scale_down',
    at: second(40),
  };
  test.each([
    ['taken back', { ...undo, undoes: 'a-1' }, 'it was taken back before it could be measured'],
    ['overtaken', undo, 'another action on the service came before it could be measured'],
  ])('because it was %s says so, and teaches nothing', (_name, done, because) => {
    const memory = actionDone(accepted(overload), done);
    const { last, memory: after } = play([{ seconds: 1, services: [orders()] }], {
      memory,
      from: 41,
    });
    expect(last.verified).toMatchObject([
      { actionId: 'a-1', verification: { helped: false, inconclusive: true, because } },
    ]);
    expect(after.outcomes).toEqual([]);
    expect(after.waiting.map(({ actionId }) => actionId)).toEqual(['undo-1']);
  });
});

test('a scale-up that did not help is not proposed again, not even once', () => {
  const useless = saturated('orders', { workers: 2, p99: 640, completionsPerSecond: 120 });
  const { opened, last } = play([{ seconds: 600, services: [useless] }], {
    memory: accepted(overload),
    from: 35,
  });
  expect(opened.map(([, what]) => what)).toEqual(['investigate orders']);
  expect(last.recommendations[0]?.steps.join(' ')).toContain('forge undo');
});
