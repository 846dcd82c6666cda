import { describe, expect, test } from 'vitest';
import { asShown } from '../../../src/advisor/advice/as-shown.ts';
import { putAway } from '../../../src/advisor/advice/put-away.ts';
import { toActionRequest } from '../../../src/advisor/advice/to-action.ts';
import { actionDone } from '../../../src/advisor/advisor.ts';
import type { Memory } from '../../../src/advisor/memory/memory.ts';
import { defaultSettings, settingsOf } from '../../../src/advisor/settings.ts';
import type { Recommendation } from '../../../src/protocol/advice.ts';
import { seconds } from '../../../src/protocol/units.ts';
import {
  calm,
  lasting,
  longSlices,
  type Played,
  play,
  quarter,
  type Scene,
  saidBy,
  saturated,
  second,
  serviceView,
} from '../../helpers/advisor.ts';

const before = calm(serviceView('orders'));
const rush = quarter(saturated('orders'));
const during = (seconds: number): Scene => ({ ...rush, seconds });
const relieved = (seconds: number): Scene => ({
  seconds,
  services: [serviceView('orders', { workers: 2, busy: 55, p99: 40, arrivalsPerSecond: 200 })],
});

const first = ({ last }: Played): Recommendation => {
  const [recommendation] = last.recommendations;
  if (recommendation === undefined) throw new Error('Nothing was advised');
  return recommendation;
};

/** Accepts what is advised, as the supervisor does when the action is done at this second. */
const accepted = (played: Played, at: number): Memory => {
  const recommendation = first(played);
  return actionDone(played.memory, {
    actionId: 'action-1',
    service: recommendation.service,
    direction: 'up',
    at: second(at),
    recommendation,
  });
};

describe('pressure', () => {
  test('between its two lines stays what it was', () => {
    const between = (seconds: number): Scene => ({
      seconds,
      services: [saturated('orders', { busy: 78, p99: 20, pending: 0 })],
    });
    expect(play([before, between(30)]).opened).toEqual([]);
    expect(saidBy(play([before, during(15), between(30)]).last)).toEqual(['scale_up orders']);
    const below = { seconds: 30, services: [serviceView('orders', { busy: 70 })] };
    expect(saidBy(play([before, during(15), below]).last)).toEqual([]);
  });

  test('that comes and goes every few seconds is no case', () => {
    const blinking: Scene = {
      seconds: 120,
      services: (at) => [at % 8 < 5 ? saturated('orders') : serviceView('orders')],
    };
    expect(play([before, blinking]).opened).toEqual([]);
  });

  test('of a P99 must outlast the window that one bad moment stays in view', () => {
    const spike: Scene = {
      seconds: 10,
      services: [
        serviceView('orders', {
          p99: 900,
          split: { cpuMs: 2, loopWaitMs: 0, downstreamMs: {}, externalMs: 300 },
        }),
      ],
    };
    expect(play([before, spike, before]).opened).toEqual([]);
    expect(play([before, { ...spike, seconds: 13 }]).opened).toEqual([[31, 'investigate orders']]);
  });
});

describe('advice', () => {
  test('keeps its id and its age while it holds, and has a new id when it comes back', () => {
    const young = play([before, during(10)]);
    const old = play([during(60)], { memory: young.memory, from: 30 });
    expect(first(old)).toMatchObject({ id: first(young).id, since: first(young).since });
    const again = play([relieved(30), during(15)], { memory: old.memory, from: 90 });
    expect(first(again).service).toBe('orders');
    expect(first(again).id).not.toBe(first(young).id);
  });

  test('stays until its evidence is gone, and a little longer', () => {
    const advised = play([before, rush]);
    const { all } = play([relieved(10)], { memory: advised.memory, from: 35 });
    expect(all.map((each) => each.recommendations.length)).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
    expect(all.flatMap(({ changes }) => changes.map(({ kind }) => kind))).toEqual(['cleared']);
  });

  test('of another kind waits until the first is gone, so that it does not change every second', () => {
    const starved = saturated('orders', { starvation: 0.4 });
    const on = (seconds: number, cpu: number): Scene => ({
      ...lasting(seconds, starved),
      cpu,
      cores: 2,
    });
    const wavering = [on(2, 98), on(2, 40)];
    const { opened } = play([before, on(10, 60), ...wavering, ...wavering]);
    expect(opened.map(([, what]) => what)).toEqual(['scale_up orders']);
    const { opened: later } = play([before, on(10, 60), on(20, 99)]);
    expect(later.map(([, what]) => what)).toEqual(['scale_up orders', 'migrate orders']);
  });

  test('that is more urgent takes the place of what is not', () => {
    const idle = (at: number) => [
      serviceView('orders', { workers: 3, busy: at < 1_830 ? 5 : 100, p99: at < 1_830 ? 9 : 800 }),
    ];
    const { opened } = play([{ seconds: 1_850, services: idle }]);
    expect(opened.map(([, what]) => what)).toEqual(['scale_down orders', 'scale_up orders']);
  });

  const asking = (arrivalsPerSecond: number, seconds = 1): Scene =>
    lasting(seconds, saturated('orders', { arrivalsPerSecond, completionsPerSecond: 200 }));

  test('whose size changes keeps its id, and has the size that the load needs', () => {
    const small = play([before, during(10)]);
    const large = play([asking(900, 20)], { memory: small.memory, from: 30 });
    expect(first(small).details['suggestedWorkers']).toBe(2);
    expect(first(large)).toMatchObject({ id: first(small).id, command: 'forge scale orders 6' });
  });

  test('does not change its size for a moment, nor from second to second', () => {
    const { memory } = play([before, asking(900, 20)]);
    const wavering = Array.from({ length: 12 }, () => [asking(900, 8), asking(980, 8)]).flat();
    const { all } = play(wavering, { memory, from: 40 });
    const sizes = all.map(({ recommendations: [one] }) => one?.details['suggestedWorkers']);
    expect(new Set(sizes)).toEqual(new Set([6]));
    const more = play([asking(980, 30)], { memory, from: 40 });
    const command = first(more).command;
    expect(command).toBe('forge scale orders 7');
    expect(first(more).prediction.cpu?.to).toBeCloseTo((100 * 4.9) / 7, -1);
    const fewer = [25, 50].map((seconds) =>
      first(play([asking(900, seconds)], { memory: more.memory, from: 70 })),
    );
    expect(fewer.map((one) => one.command)).toEqual([command, 'forge scale orders 6']);
  });

  test('is accepted with the size that was shown, if that is still near', () => {
    const advice = first(play([before, asking(900, 20)]));
    const accepted = [1, 2, 6, 7, 8].map((workers) => {
      const shown = asShown(advice, workers);
      return shown && toActionRequest(shown);
    });
    expect(accepted).toEqual([
      undefined,
      ...[2, 6, 7].map((workers) => ({ kind: 'scale', service: 'orders', workers })),
      undefined,
    ]);
  });

  test('says nothing new while there is no verdict, and takes nothing back', () => {
    const advised = play([before, rush]);
    const points = Object.fromEntries(
      Object.entries(advised.memory.services).map(([name, known]) => [
        name,
        { ...known, points: [] },
      ]),
    );
    const memory = { ...advised.memory, services: points };
    const { all } = play([during(4)], { memory, from: 600 });
    expect(all.map((each) => each.recommendations.map(({ id }) => id))).toEqual(
      [1, 2, 3, 4].map(() => [first(advised).id]),
    );
  });
});

describe('dismissed advice', () => {
  const advised = play([before, rush]);
  const memory = putAway(advised.memory, first(advised).id, { at: second(35) });

  test('is gone, says so, and comes back after ten minutes', () => {
    const { all, opened } = play([during(620)], { memory, from: 35 });
    expect(all[0]?.recommendations).toEqual([]);
    expect(all[0]?.notAdvised).toContainEqual({
      service: 'orders',
      action: 'scale_up',
      because: 'it was dismissed',
    });
    expect(opened).toEqual([[35 + 600, 'scale_up orders']]);
  });

  test('comes back when it has become worse', () => {
    const warning = (p99: number): Scene =>
      quarter(
        serviceView('orders', {
          busy: 70,
          p99,
          split: { cpuMs: 5, loopWaitMs: 90, downstreamMs: {}, externalMs: 0 },
        }),
      );
    const mild = play([before, warning(200)]);
    expect(first(mild).severity).toBe('warning');
    const muted = putAway(mild.memory, first(mild).id, { at: second(35) });
    expect(play([warning(220)], { memory: muted, from: 35 }).opened).toEqual([]);
    expect(play([warning(520)], { memory: muted, from: 35 }).opened).toHaveLength(1);
  });

  test('for an hour comes back after an hour', () => {
    const { id } = first(advised);
    const hour = putAway(advised.memory, id, { at: second(35), forMs: seconds(3_600) });
    const { opened } = play([during(3_610)], { memory: hour, from: 35 });
    expect(opened).toEqual([[35 + 3_600, 'scale_up orders']]);
  });

  test('of an unknown id changes nothing', () => {
    expect(putAway(memory, 'r-none', { at: second(35) })).toBe(memory);
  });
});

describe('an action', () => {
  test('starts the cooldown when it is done, not when it was advised', () => {
    const advised = play([before, during(600)]);
    expect(saidBy(advised.last)).toEqual(['scale_up orders']);
    const memory = accepted(advised, 620);
    expect(memory.open).toEqual([]);
    const { all } = play([relieved(35), during(110)], { memory, from: 621 });
    const because = all.map(({ notAdvised }) => notAdvised[0]?.because);
    expect(because[45]).toBe('cooldown after an action 46 s ago');
    const again = all.findIndex(({ recommendations }) => recommendations.length > 0);
    expect(again + 621 - 620).toBe(defaultSettings.cooldownMs / 1_000);
  });

  test('is followed by silence until its effect is measured', () => {
    const memory = accepted(play([before, rush]), 35);
    const { all } = play([during(20)], { memory, from: 36 });
    expect(all.every(({ recommendations }) => recommendations.length === 0)).toBe(true);
    expect(all[10]?.notAdvised[0]?.because).toBe('the effect of the last action is being measured');
  });

  test('is followed by more of the same while it is measured when the load has grown', () => {
    const memory = accepted(play([before, rush]), 35);
    const stillSlow = (busy: number): Scene => ({
      seconds: 40,
      services: [
        serviceView('orders', {
          workers: 2,
          busy,
          p99: 300,
          arrivalsPerSecond: 200,
          split: { cpuMs: busy / 10, loopWaitMs: 90, downstreamMs: {}, externalMs: 0 },
        }),
      ],
    });
    expect(play([stillSlow(55)], { memory, from: 36 }).opened).toEqual([]);
    const [first] = play([stillSlow(80)], { memory, from: 36 }).opened;
    expect(first).toEqual([35 + 16, 'scale_up orders']);
  });
});

test('long slices at ease do not keep an autopilot from adding the workers that a load needs', () => {
  const settings = settingsOf({ scaling: { autoExecute: { scale: true } } });
  const slow = { slices: { ...longSlices, maxMs: 300 } };
  const scenes = [
    { seconds: 40, services: [serviceView('orders', { ...slow, busy: 40 })] },
    { seconds: 3, services: [serviceView('orders', { ...slow, busy: 84, arrivalsPerSecond: 60 })] },
  ];
  expect(play(scenes).last.recommendations[0]?.action).toBe('investigate');
  expect(play(scenes, { settings }).last.recommendations[0]?.action).toBe('scale_up');
});
