import { describe, expect, test } from 'vitest';
import { actionDone, actionFailed, advise } from '../../../src/advisor/advisor.ts';
import { type Piloted, pilot } from '../../../src/advisor/autopilot/pilot.ts';
import type { Direction, Done, Memory } from '../../../src/advisor/memory/memory.ts';
import { decodeMemory, encodeMemory } from '../../../src/advisor/memory/persist.ts';
import { type AdvisorSettings, settingsOf } from '../../../src/advisor/settings.ts';
import type { View } from '../../../src/advisor/view.ts';
import type { AutoExecute } from '../../../src/protocol/autopilot.ts';
import { megabytes } from '../../../src/protocol/units.ts';
import {
  calm,
  longSlices,
  minutes,
  play,
  quarter,
  type Scene,
  saturated,
  second,
  serviceView,
  viewsOf,
} from '../../helpers/advisor.ts';

const calmly = calm(serviceView('orders', { maxWorkers: 4 }), serviceView('users'));
const rush = quarter(
  saturated('orders', { maxWorkers: 4, arrivalsPerSecond: 380, completionsPerSecond: 200 }),
  serviceView('users'),
);
const advised = play([calmly, rush]);
const [now] = viewsOf([{ ...rush, seconds: 1 }], { from: 34 });
if (now === undefined) throw new Error('There is no view');

/** The same moment, with both services in one group. */
const shared: View = {
  ...now,
  services: now.services.map((one) => ({
    ...one,
    group: 'main',
    colocatedWith: [one.service === 'orders' ? 'users' : 'orders'],
  })),
};

type Given = {
  readonly autoExecute?: AutoExecute;
  readonly limits?: Partial<AdvisorSettings['autopilot']>;
  readonly memory?: Memory;
  readonly view?: View;
  readonly busy?: readonly string[];
};

const piloted = ({ autoExecute = true, limits = {}, ...given }: Given = {}): Piloted =>
  pilot({
    memory: given.memory ?? advised.memory,
    view: given.view ?? now,
    settings: settingsOf({ scaling: { autoExecute, limits } }),
    busy: new Set(given.busy ?? []),
  });

const done = (direction: Direction, at: number, given: Partial<Done> = {}): Done => ({
  actionId: `a-${at}`,
  service: 'orders',
  direction,
  at: second(at),
  ...given,
});

/** What was advised stays open, though these were done before. */
const having = (...before: readonly Done[]): Memory => ({
  ...advised.memory,
  done: before.map((one) => ({ ...one, cores: 1 })),
});

test('what is advised is done if its kind is switched on, and only then', () => {
  const kinds: readonly (readonly [AutoExecute, number])[] = [
    [true, 1],
    [false, 0],
    [{ scale: true }, 1],
    [{ scale: false, split: true, colocate: true }, 0],
    [{}, 0],
  ];
  for (const [autoExecute, count] of kinds) {
    const { execute, held } = piloted({ autoExecute });
    expect([execute.length, held]).toEqual([count, []]);
  }
  expect(piloted().execute[0]).toMatchObject({ action: 'scale_up', service: 'orders' });
});

describe('it keeps off, and says why,', () => {
  const machine = { ...now.machine };
  const rows: readonly (readonly [string, Given, RegExp])[] = [
    ['while an action on it is under way', { busy: ['orders'] }, /another action/],
    [
      'while one on its group is being measured',
      { memory: actionDone(advised.memory, done('other', 30, { service: 'users' })), view: shared },
      /an action on its group is being measured/,
    ],
    [
      'when it has acted often enough',
      {
        limits: { actionsPerHour: 2 },
        memory: having(
          done('up', -600, { service: 'users', isAutopilots: true }),
          done('down', -60, { service: 'mailer', isAutopilots: true }),
        ),
      },
      /2 times in the last hour, as often as it may/,
    ],
    ['when the app has its workers', { limits: { workers: 3 } }, /have 4 workers, and may have 3/],
    [
      'when no memory can be spared',
      { view: { ...now, machine: { ...machine, memoryFreeBytes: 300 * 1024 ** 2 } } },
      /need 180 MB, and 44 MB can be spared/,
    ],
    [
      'when the app has its memory',
      { limits: { memory: megabytes(200) } },
      /have 360 MB, and may have 200 MB/,
    ],
    [
      'when the cores that it needs are not idle',
      { view: { ...now, machine: { ...machine, cores: 1 } }, memory: withCpu(99) },
      /needs \d\.\d cores more, and 0\.0 are idle/,
    ],
    ['when the app has its cores', { limits: { cores: 1 } }, /use 2\.\d cores, and may use 1/],
    [
      'when it is not sure',
      { memory: { ...advised.memory, open: advised.memory.open.map(unsure) } },
      /not sure enough: 0.5/,
    ],
  ];
  test.each(rows)('%s', (_name, given, because) => {
    const { execute, held } = piloted(given);
    expect(execute).toEqual([]);
    expect(held).toMatchObject([{ service: 'orders' }]);
    expect(held[0]?.because).toMatch(because);
  });

  test('from making a service smaller while a third of its actions is left, for adding workers', () => {
    const acted = (count: number): Memory =>
      having(
        ...Array.from({ length: count }, (_, index) =>
          done('up', -60 - index, { service: 'users', isAutopilots: true }),
        ),
      );
    const smaller = (count: number): Memory => ({
      ...acted(count),
      open: advised.memory.open.map((open) => ({
        ...open,
        recommendation: { ...open.recommendation, action: 'scale_down' },
      })),
    });
    const limits = { actionsPerHour: 6 };
    expect(piloted({ limits, memory: smaller(3) }).execute).toHaveLength(1);
    const { execute, held } = piloted({ limits, memory: smaller(4) });
    expect(execute).toEqual([]);
    expect(held[0]?.because).toMatch(/4 times in the last hour, and may only add workers 2 times/);
    expect(piloted({ limits, memory: acted(4) }).execute).toHaveLength(1);
  });

  test('but not for what an operator did, nor when it has turned: more workers are needed all the same', () => {
    const operators = having(done('up', -600, { service: 'users' }), done('down', -60));
    expect(piloted({ limits: { actionsPerHour: 1 }, memory: operators }).execute).toHaveLength(1);
    const lively = having(done('up', -900), done('down', -600), done('up', -300));
    expect(piloted({ memory: lively }).execute).toHaveLength(1);
  });
});

test('it never acts twice on one group in one second', () => {
  const open = advised.memory.open.flatMap((one) => [
    one,
    { ...one, recommendation: { ...one.recommendation, service: 'users', id: 'r-users' } },
  ]);
  const { execute, held } = piloted({ memory: { ...advised.memory, open }, view: shared });
  expect(execute.map(({ service }) => service)).toEqual(['orders']);
  expect(held.map(({ service }) => service)).toEqual(['users']);
});

test('advice that only stays is not carried out before it is true again', () => {
  const over = [
    { seconds: 3, services: [serviceView('orders', { maxWorkers: 4 }), serviceView('users')] },
  ];
  const stayed = play(over, { memory: advised.memory, from: 35 });
  expect(stayed.last.recommendations.map(({ action }) => action)).toEqual(['scale_up']);
  const view = viewsOf(over, { from: 35 }).at(-1);
  const { execute, held } = piloted({ memory: stayed.memory, ...(view && { view }) });
  expect(execute).toEqual([]);
  expect(held).toMatchObject([{ service: 'orders', because: 'nothing is to be seen of it now' }]);
});

test('what was advised before the supervisor started anew is not carried out before it is seen again', () => {
  const together = [
    saturated('orders', { group: 'main', colocatedWith: ['users'] }),
    serviceView('users', { group: 'main', colocatedWith: ['orders'], slices: longSlices }),
  ];
  const scene = (seconds: number): Scene => ({ seconds, services: together });
  const settings = settingsOf({ scaling: { autoExecute: { split: true } } });
  const before = play([calmly, scene(15)], { settings });
  const memory = decodeMemory(encodeMemory(before.memory));
  const after = viewsOf([scene(4)], { from: 600 });
  let known = memory;
  const executed = after.map((view) => {
    const { memory: next } = advise(known, view, settings);
    known = next;
    return pilot({ memory: known, view, settings, busy: new Set() }).execute.length;
  });
  expect(executed).toEqual([0, 0, 1, 1]);
  expect(known.open[0]?.recommendation.id).toBe(before.memory.open[0]?.recommendation.id);
});

test('a service that blocks without using the CPU needs no core', () => {
  const blocked = (at: number) => [
    saturated('orders', { cpuPerWorker: at < 0 ? 0 : 3, arrivalsPerSecond: 300 } as object),
  ];
  const played = play([{ seconds: 15, services: blocked, cores: 1, cpu: 90 }]);
  const [view] = viewsOf([{ seconds: 1, services: blocked, cores: 1, cpu: 90 }], { from: 14 });
  const { execute } = piloted({ memory: played.memory, ...(view && { view }) });
  expect(execute).toMatchObject([{ action: 'scale_up', service: 'orders' }]);
});

test('what could not be done is not tried again before its cooldown is over', () => {
  const failed = done('other', 35, { action: 'scale_up', isAutopilots: true });
  const memory = actionFailed(advised.memory, failed);
  for (const autoExecute of [false, { scale: true }]) {
    const settings = settingsOf({ scaling: { autoExecute } });
    const { opened } = play([{ ...rush, seconds: 130 }], { memory, settings, from: 35 });
    expect(opened).toEqual([[35 + 120, 'scale_up orders']]);
  }
});

test('it takes a worker away after a few idle minutes, if it may scale', () => {
  const idle: Scene = { seconds: minutes(6), services: [serviceView('orders', { workers: 2 })] };
  const opened = (autoExecute: AutoExecute) =>
    play([idle], { settings: settingsOf({ scaling: { autoExecute } }) }).opened;
  expect(opened({ scale: true })).toEqual([[expect.any(Number), 'scale_down orders']]);
  expect(opened({ split: true })).toEqual([]);
});

function withCpu(machineCpu: number): Memory {
  return { ...advised.memory, machineCpu };
}

function unsure(one: Memory['open'][number]): Memory['open'][number] {
  return { ...one, recommendation: { ...one.recommendation, confidence: 0.5 } };
}
