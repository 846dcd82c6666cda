import { describe, expect, test } from 'vitest';
import { actionDone, advise } from '../../../src/advisor/advisor.ts';
import { type Done, initialMemory } from '../../../src/advisor/memory/memory.ts';
import { defaultSettings } from '../../../src/advisor/settings.ts';
import { type SimulatedService, simulatedService } from '../../../src/simulator/engine/app.ts';
import { Engine } from '../../../src/simulator/engine/engine.ts';
import { Observer } from '../../../src/simulator/observe.ts';
import {
  calm,
  lasting,
  longSlices,
  play,
  quarter,
  saidBy,
  saturated,
  second,
  serviceView,
  splitOf,
} from '../../helpers/advisor.ts';
import { cpu, io } from '../../helpers/scenarios/scenario.ts';

type Trouble = (api: SimulatedService) => void;

const slowDatabase: Trouble = (api) => {
  api.steps = [cpu(4), io(800)];
};

const dear: Trouble = (api) => {
  api.steps = [cpu(16)];
};
const crowd: Trouble = (api) => {
  api.requestsPerSecond *= 4;
};

const up = { direction: 'up', action: 'scale_up' } as const;
const down = { direction: 'down', action: 'scale_down' } as const;
const other = { direction: 'other' } as const;

/** Trouble ten seconds after somebody has acted: what is said first, and so many seconds later. */
const saidAfter = (done: Pick<Done, 'direction' | 'action'>, trouble: Trouble) => {
  const api = simulatedService('api', {
    steps: [cpu(4)],
    cv2: 0.4,
    workers: 2,
    requestsPerSecond: 175,
  });
  const app = {
    cores: 16,
    memoryMb: 16_384,
    startDelayMs: 2_000,
    routing: 'p2c',
    services: [api],
  } as const;
  const engine = new Engine({ app, seed: 1 });
  const observer = new Observer(engine);
  let memory = initialMemory;
  for (let at = -80; at < 130; at += 1) {
    if (at === 0) trouble(api);
    engine.second();
    const view = observer.view();
    const advised = advise(memory, view, defaultSettings);
    memory = advised.memory;
    const [first] = advised.recommendations;
    if (first !== undefined) return { at, action: first.action };
    if (at === -10) {
      memory = actionDone(memory, { actionId: 'a', service: 'api', at: view.at, ...done });
    }
  }
  return undefined;
};

describe('trouble after an action is told as soon as without one', () => {
  test.each<[string, Pick<Done, 'direction' | 'action'>, { trouble: Trouble; action: string }]>([
    ['a release that costs four times the CPU', other, { trouble: dear, action: 'scale_up' }],
    ['a slow database after a release', other, { trouble: slowDatabase, action: 'investigate' }],
    ['a slow database behind more workers', up, { trouble: slowDatabase, action: 'investigate' }],
    ['four times the load on fewer workers', down, { trouble: crowd, action: 'scale_up' }],
    ['four times the load on more workers', up, { trouble: crowd, action: 'scale_up' }],
  ])('%s', (_name, done, { trouble, action }) => {
    const said = saidAfter(done, trouble);
    expect(said?.action).toBe(action);
    expect(said?.at).toBeLessThanOrEqual(10);
  });
});

const done = (given: Partial<Done> = {}): Done => ({
  actionId: 'a-1',
  service: 'orders',
  direction: 'other',
  at: second(35),
  ...given,
});

const slow = serviceView('orders', { p99: 900, split: splitOf({ externalMs: 700 }) });
const before = play([calm(serviceView('orders')), quarter(slow)]);

describe('the seconds of an action itself', () => {
  test('say nothing: what went on before it must go on after it for as long as ever', () => {
    const memory = actionDone(before.memory, done());
    const { all, opened } = play([lasting(40, slow)], { memory, from: 36 });
    expect(all[3]?.notAdvised[0]?.because).toBe('its workers were changed 4 s ago');
    expect(opened).toEqual([[35 + 16, 'investigate orders']]);
  });

  test('nor do long slices of before it', () => {
    const blocking = serviceView('orders', { slices: { ...longSlices, maxMs: 300 } });
    const blocked = play([lasting(60, blocking)]);
    expect(saidBy(blocked.last)).toEqual(['investigate orders']);
    const memory = actionDone(blocked.memory, done({ at: second(60) }));
    expect(play([lasting(60, serviceView('orders'))], { memory, from: 61 }).opened).toEqual([]);
  });
});

describe('an action that added workers', () => {
  const rush = play([calm(serviceView('orders')), quarter(saturated('orders'))]);
  const memory = actionDone(rush.memory, done(up));
  const full = (given: object = {}) => saturated('orders', { workers: 2, ...given });

  test('is not followed by more of them for the same load', () => {
    const { opened } = play([lasting(25, full())], { memory, from: 36 });
    expect(opened).toEqual([]);
  });

  test('nor because what had piled up is worked off', () => {
    const draining = (at: number) => [
      full({ completionsPerSecond: 400, pending: Math.max(60, 9_000 - (at - 35) * 200) }),
    ];
    const { opened } = play([{ seconds: 25, services: draining }], { memory, from: 36 });
    expect(opened).toEqual([]);
  });

  test('is followed by more while it is measured if a fifth more load comes', () => {
    const more = (perSecond: number) =>
      full({ arrivalsPerSecond: perSecond, completionsPerSecond: perSecond });
    const { opened } = play([lasting(25, more(340))], { memory, from: 36 });
    expect(opened[0]).toEqual([35 + 16, 'scale_up orders']);
    // What its full worker did not get to do before is no growth that two have no room for.
    expect(play([lasting(25, more(260))], { memory, from: 36 }).opened).toEqual([]);
  });

  test('ahead of a load that is more than they can do is not why that is slow', () => {
    const ahead = play([calm(serviceView('orders'))]);
    const scaled = actionDone(ahead.memory, done({ ...up, at: second(20) }));
    const { all } = play([lasting(70, full())], { memory: scaled, from: 21 });
    const [verdict] = all.flatMap(({ verified }) => verified);
    expect(verdict?.verification).toMatchObject({ inconclusive: true });
    expect(saidBy(all.at(-1) ?? ahead.last)).toEqual(['scale_up orders']);
  });

  test('that is taken back is not advised again at once', () => {
    const back = done({ actionId: 'a-2', direction: 'down', undoes: 'a-1', at: second(50) });
    const { opened } = play([lasting(140, saturated('orders'))], {
      memory: actionDone(memory, back),
      from: 51,
    });
    expect(opened).toEqual([[50 + 120, 'scale_up orders']]);
  });
});

test('nothing is made smaller while the effect of an action is measured', () => {
  const idle = serviceView('orders', { workers: 3, busy: 5 });
  const long = play([lasting(1_810, idle)]);
  expect(saidBy(long.last)).toEqual(['scale_down orders']);
  const memory = actionDone(long.memory, done({ ...up, at: second(1_810) }));
  const { opened } = play([lasting(130, idle)], { memory, from: 1_811 });
  expect(opened).toEqual([[1_810 + 120, 'scale_down orders']]);
});
