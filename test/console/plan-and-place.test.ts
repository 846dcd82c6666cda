import { describe, expect, test } from 'vitest';
import { type State, visibleServices } from '../../src/tui/state/state.ts';
import { plan, rush, scaleUp } from './shop.ts';
import { looking, typed } from './typed.ts';

const planDialog = {
  type: 'plan',
  items: [{ plan, recommendation: scaleUp }],
  apply: false,
} as const;

describe('a plan that is only read', () => {
  const dry: State = looking(rush, {
    dialog: { ...planDialog, isDry: true },
  });

  test('is asked for by p, also by a console that only watches', () => {
    const asked = typed(looking(rush, { readOnly: true }), 'p').effects;
    expect(asked).toEqual([{ type: 'plan', targets: [{ recommendation: scaleUp }], isDry: true }]);
  });

  test.each(['y', 'tab'])('is not applied by %s', (key) => {
    const { state, effects } = typed(dry, key);
    expect(effects).toEqual([]);
    expect(state.dialog).toEqual(dry.dialog);
    expect(state.notice).toBe(`${key}: this plan is only read; a opens it to be applied`);
  });

  test('is closed by enter', () => {
    expect(typed(dry, 'enter')).toMatchObject({ effects: [], state: { dialog: { type: 'none' } } });
  });
});

test('a plan that is open when a console may act no more is not applied', () => {
  const late = looking(rush, { dialog: planDialog, readOnly: true });
  expect(typed(late, 'y').effects).toEqual([]);
  expect(typed({ ...late, dialog: { ...planDialog, apply: true } }, 'enter').effects).toEqual([]);
});

describe('a place', () => {
  const named = (state: State): string | undefined => visibleServices(state)[state.selected]?.name;

  test('is made by a new letter, and led to by the same letter from elsewhere', () => {
    const first = looking(rush, { selected: 2 });
    const away = typed(first, "'", 'a', 'home').state;
    expect(named(away)).not.toBe(named(first));
    expect(named(typed(away, "'", 'a').state)).toBe(named(first));
  });

  test('opens its service in the place of the one that is open', () => {
    const { state } = typed(
      looking(rush, { selected: 2 }),
      "'",
      'a',
      'home',
      'enter',
      '3',
      "'",
      'a',
    );
    expect(state.view).toMatchObject({ type: 'service', name: 'catalog', tab: 'latency' });
  });

  test('is found when a filter hides it', () => {
    const { state } = typed(looking(rush, { places: { o: 'orders' }, filter: 'users' }), "'", 'o');
    expect(state.filter).toBe('');
    expect(named(state)).toBe('orders');
  });

  test('of a service that is gone is told so', () => {
    const { state } = typed(looking(rush, { places: { g: 'gone' } }), "'", 'g');
    expect(state.notice).toBe('gone is no service any more');
  });

  test('is a letter or a digit', () => {
    const { state } = typed(looking(rush), "'", '?');
    expect(state.places).toEqual({});
    expect(state.notice).toBe('?: a letter or a digit is a place, escape goes back');
  });
});
