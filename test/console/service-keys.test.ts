import { describe, expect, test } from 'vitest';
import type { AutopilotMode } from '../../src/protocol/autopilot.ts';
import { press } from '../../src/tui/keys.ts';
import { screenRows } from '../../src/tui/screens/screen.ts';
import { slow } from './depths.ts';
import { plan, rush, scaleUp } from './shop.ts';
import { looking, typed } from './typed.ts';

const open = (...keys: readonly string[]) =>
  typed(looking(rush, { selected: 5 }), 'enter', ...keys);

describe('r', () => {
  test('opens the plan for the worker that is pointed at', () => {
    const [orders] = rush.status.services.filter(({ name }) => name === 'orders');
    const second = { ...orders?.workers[0], id: '_isolated:orders#2' };
    const services = rush.status.services.map((each) =>
      each.name === 'orders' ? { ...each, workers: [...each.workers, second] } : each,
    ) as typeof rush.status.services;
    const crowded = looking({ ...rush, status: { ...rush.status, services } }, { selected: 5 });
    const asked = (...keys: readonly string[]) => typed(crowded, 'enter', ...keys).effects;
    const request = { kind: 'restart', service: 'orders' };
    const first = [{ request: { ...request, worker: '_isolated:orders#1' } }];
    expect(asked('r')).toEqual([{ type: 'plan', targets: first }]);
    expect(asked('2', 'j', 'r')).toEqual([
      { type: 'plan', targets: [{ request: { ...request, worker: '_isolated:orders#2' } }] },
    ]);
  });

  test('says where the workers are when they are not on the screen', () => {
    expect(press(open('3').state, 'r').state.notice).toBe(
      'r: no worker is pointed at, 2 shows them',
    );
  });
});

test('T asks for the slow calls of the service, which any of its keys closes again', () => {
  const { state, effects } = open('T');
  expect(effects).toEqual([{ type: 'slowest', service: 'orders' }]);
  const listing = { ...state, dialog: { type: 'slow', slow, from: 0 } } as const;
  for (const key of ['T', 'escape', 'q']) {
    expect(press(listing, key).state.dialog).toEqual({ type: 'none' });
  }
  expect(typed(listing, 'j', 'ctrl-d', 'k').state.dialog).toMatchObject({ from: 10 });
});

test('slow calls are listed with who called, how long it took, and the whole trace id', () => {
  for (const columns of [120, 80, 60]) {
    const state = { ...open().state, dialog: { type: 'slow', slow, from: 0 } as const };
    const rows = screenRows(state, { columns, rows: 24 }, { ascii: false, color: false });
    const text = rows.join('\n');
    for (const part of ['612ms', '240ms', 'POST /orders', 'ingress', 'orders#1', 'failed']) {
      expect(text).toContain(part);
    }
    expect(text).toContain('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(text).toContain('orders#2 said nothing');
  }
});

describe('M', () => {
  const dialog = { type: 'plan', apply: false, isDry: true };

  test('asks for a machine, and shows what forge migrate prints, to be read only', () => {
    const { state, effects } = open('M', 'e', 'u', '2', 'enter');
    expect(effects).toEqual([]);
    expect(state.dialog).toMatchObject({
      ...dialog,
      items: [
        {
          plan: {
            title: 'Move orders to eu2, by hand',
            steps: [expect.stringContaining('On eu2: check out the app'), expect.anything()],
            command: 'forge migrate orders --to eu2',
          },
        },
      ],
    });
    const tried = typed(state, 'y');
    expect(tried.effects).toEqual([]);
    expect(tried.state.notice).toBe('y: this is done by hand, its steps are on the screen');
    expect(typed(state, 'tab', 'enter').effects).toEqual([]);
    expect(typed(state, 'c').effects).toEqual([
      { type: 'copy', text: 'forge migrate orders --to eu2' },
    ]);
  });

  test('has the steps of the advice to migrate when there is one', () => {
    const migrate = { ...scaleUp, action: 'migrate' as const, steps: ['pack', 'go'] };
    const advised = { ...rush, advice: { ...rush.advice, recommendations: [migrate] } };
    const { state } = typed(looking(advised, { selected: 5 }), 'M', 'x', 'enter');
    expect(state.dialog).toMatchObject({ ...dialog, items: [{ plan: { steps: ['pack', 'go'] } }] });
  });

  test('without a machine shows nothing, and a console that only watches may read it', () => {
    expect(open('M', 'enter').state).toMatchObject({
      dialog: { type: 'none' },
      notice: 'no machine was named',
    });
    const watching = looking(rush, { selected: 5, readOnly: true });
    expect(typed(watching, 'M', 'x', 'enter').state.dialog).toMatchObject(dialog);
  });

  test('is what :migrate says with words', () => {
    const words = [...'migrate orders eu2'];
    expect(typed(looking(rush), ':', ...words, 'enter').state.dialog).toMatchObject(dialog);
  });
});

describe('m', () => {
  const inMode = (mode: AutopilotMode) =>
    looking({ ...rush, status: { ...rush.status, autopilot: { mode } } });
  const start = inMode('suggest');
  const auto = { type: 'autopilot', mode: 'auto' };

  test('offers what the autopilot can be, and says what it is', () => {
    const { dialog } = typed(start, 'm').state;
    expect(dialog).toMatchObject({
      type: 'menu',
      choices: [
        { key: 'o', label: 'observe' },
        { key: 's', label: 'suggest', hint: expect.stringMatching(/\(now\)$/) },
        { key: 'a', label: 'auto' },
      ],
    });
    // An enter too soon changes nothing.
    expect(typed(start, 'm', 'enter').effects).toEqual([]);
    expect(typed(inMode('auto'), 'm', 'enter').effects).toEqual([]);
    expect(typed(start, 'm', 'o').effects).toEqual([{ type: 'autopilot', mode: 'observe' }]);
    expect(typed(start, 'm', 's').state.notice).toBe('the autopilot is set to suggest already');
  });

  test('lets it act only when auto is typed in full', () => {
    expect(typed(start, 'm', 'a', 'a', 'u', 't', 'o', 'enter').effects).toEqual([auto]);
    for (const keys of [['enter'], [...'aut', 'enter'], [...'autoo', 'enter'], ['escape'], ['y']]) {
      expect(typed(start, 'm', 'a', ...keys).effects).toEqual([]);
    }
    const { state } = typed(start, 'm', 'a', 'x', 'enter');
    expect([state.notice, state.prompt]).toEqual([
      'auto was not typed, nothing was changed',
      undefined,
    ]);
  });

  test('is for who may act, and :autopilot says the same', () => {
    expect(press({ ...start, readOnly: true }, 'm').state.notice).toBe(
      'm: this console only watches (--read-only)',
    );
    const words = [...'autopilot auto'];
    expect(typed(start, ':', ...words, 'enter', ...'auto', 'enter').effects).toEqual([auto]);
    expect(typed(start, ':', ...'autopilot off', 'enter').state.notice).toBe(
      'write: autopilot observe|suggest|auto',
    );
  });

  test('is seen at the top of every screen when it is not as usual', () => {
    const topOf = (mode: AutopilotMode, columns: number) =>
      screenRows(inMode(mode), { columns, rows: 20 }, { ascii: false, color: false })[0];
    for (const columns of [120, 80, 40]) {
      expect(topOf('auto', columns)).toMatch(/AUTO {2}● LIVE/);
      expect(topOf('observe', columns)).toMatch(/OBSERVE {2}● LIVE/);
      expect(topOf('suggest', columns)).not.toMatch(/SUGGEST/);
    }
  });
});

describe('S', () => {
  const request = { kind: 'stop', service: 'orders' } as const;
  const stopPlan = { ...plan, request, title: 'Stop orders', command: 'forge stop orders' };
  const items = [{ plan: stopPlan }];
  const reading = looking(rush, { selected: 5, dialog: { type: 'plan', items, apply: false } });

  test('opens the plan to stop the service, or to start one that is stopped', () => {
    expect(typed(looking(rush, { selected: 5 }), 'S').effects).toEqual([
      { type: 'plan', targets: [{ request }] },
    ]);
    const services = rush.status.services.map((each) =>
      each.name === 'orders' ? { ...each, status: 'stopped' as const, workers: [] } : each,
    );
    const stopped = looking({ ...rush, status: { ...rush.status, services } }, { selected: 5 });
    expect(typed(stopped, 'S').effects).toEqual([
      { type: 'plan', targets: [{ request: { kind: 'start', service: 'orders' } }] },
    ]);
  });

  test('stops it only when its name is typed, whatever key says yes to the plan', () => {
    const name = [...'orders', 'enter'];
    const apply = { type: 'apply', items };
    expect(typed(reading, 'y', ...name).effects).toEqual([apply]);
    expect(typed(reading, 'tab', 'enter', ...name).effects).toEqual([apply]);
    for (const keys of [
      ['y'],
      ['y', 'enter'],
      ['y', 'y', 'enter'],
      ['y', ...'order', 'enter'],
      ['y', ...name.slice(0, -1), 'escape'],
      ['enter'],
    ]) {
      expect(typed(reading, ...keys).effects).toEqual([]);
    }
    const { state } = typed(reading, 'y', 'x', 'enter');
    expect([state.notice, state.dialog, state.prompt]).toEqual([
      'orders was not typed, nothing was changed',
      { type: 'none' },
      undefined,
    ]);
  });

  test('is for who may act, and :stop says the same', () => {
    const watching = looking(rush, { selected: 5, readOnly: true });
    expect(press(watching, 'S').state.notice).toBe('S: this console only watches (--read-only)');
    expect(typed(looking(rush), ':', ...'stop orders', 'enter').effects).toEqual([
      { type: 'plan', targets: [{ request }] },
    ]);
  });
});
