import { describe, expect, test } from 'vitest';
import { visibleServices } from '../../src/tui/state/state.ts';
import { investigate, relieved, rush, scaleUp, twice } from './shop.ts';
import { looking, typed } from './typed.ts';

/** What the plan is asked for that a key opens on the services with these places. */
const asked = (keys: readonly string[], state = looking(rush)) =>
  typed(state, ...keys).effects.flatMap((effect) => (effect.type === 'plan' ? effect.targets : []));

describe('the plan that is asked for', () => {
  const orders = { selected: 5 };

  test.each([
    ['+', { kind: 'scale', service: 'orders', workers: 2 }],
    ['R', { kind: 'restart', service: 'orders' }],
    ['D', { kind: 'reload', service: 'orders' }],
    ['S', { kind: 'stop', service: 'orders' }],
  ])('by %s is %j, in the table and in the open service', (key, request) => {
    expect(asked([key], looking(rush, orders))).toEqual([{ request }]);
    expect(asked(['enter', key], looking(rush, orders))).toEqual([{ request }]);
  });

  test('by - is for one worker less, of which one is left', () => {
    expect(asked(['-'], looking(relieved, orders))).toEqual([
      { request: { kind: 'scale', service: 'orders', workers: 1 } },
    ]);
    const { state, effects } = typed(looking(rush, orders), '-');
    expect([state.notice, effects]).toEqual(['-: a service has at least one worker', []]);
  });

  test('by O is for workers of its own, if it has none', () => {
    expect(asked(['j', 'O'])).toEqual([{ request: { kind: 'split', service: 'users' } }]);
    const { state, effects } = typed(looking(rush, orders), 'O');
    expect([state.notice, effects]).toEqual(['O: orders has workers of its own already', []]);
  });

  test('by A is all advice on the marked services', () => {
    const marked = { ...looking(twice), marks: ['orders', 'gateway', 'billing'] };
    const all = asked(['A'], marked).map(
      (target) => 'recommendation' in target && target.recommendation,
    );
    expect(all).toContainEqual(scaleUp);
    expect(all.every((each) => each === scaleUp || each === investigate)).toBe(true);
    expect(typed({ ...marked, marks: ['gateway'] }, 'A').state.notice).toBe(
      'A: no marked service has advice to accept',
    );
  });
});

test('I turns the order round, and the selected service stays selected', () => {
  const { state } = typed(looking(rush, { selected: 5 }), 's', '2', 'I');
  const names = visibleServices(state).map(({ name }) => name);
  expect(names.at(-1)).toBe('orders');
  expect(names[state.selected]).toBe('orders');
});
