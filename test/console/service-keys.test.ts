import { describe, expect, test } from 'vitest';
import { press } from '../../src/tui/keys.ts';
import { screenRows } from '../../src/tui/screens/screen.ts';
import { slow } from './depths.ts';
import { rush } from './shop.ts';
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
