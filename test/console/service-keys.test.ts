import { describe, expect, test } from 'vitest';
import { press } from '../../src/tui/keys.ts';
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
