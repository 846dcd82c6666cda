import { describe, expect, test } from 'vitest';
import { visibleServices } from '../../src/tui/state/state.ts';
import { rush } from './shop.ts';
import { looking, typed } from './typed.ts';

const down = (times: number): readonly string[] => Array<string>(times).fill('j');

describe('marks', () => {
  test('are set and taken away by space, which goes on to the next service', () => {
    const { state } = typed(looking(rush), 'space', 'space');
    expect(state).toMatchObject({ marks: ['gateway', 'users'], selected: 2 });
    expect(typed(state, 'k', 'space').state.marks).toEqual(['gateway']);
  });

  test('are set by V up to here, from the last one on, in either direction', () => {
    const one = typed(looking(rush), ...down(4), 'space').state;
    expect(typed(one, 'j', 'V').state.marks).toEqual(['thumbnails', 'orders', 'billing']);
    expect(typed(one, 'g', 'j', 'j', 'V').state.marks.toSorted()).toEqual([
      'catalog',
      'search',
      'thumbnails',
    ]);
    expect(typed(looking(rush), 'V').state.notice).toBe('V: mark a service with space first');
  });

  test('are what l reads, and what R and C are about', () => {
    const { state } = typed(looking(rush), 'space', 'space');
    expect(typed(state, 'l').state.view).toEqual({ type: 'logs', services: ['gateway', 'users'] });
    const requests = (key: string) =>
      typed(state, key).effects.flatMap((effect) => (effect.type === 'plan' ? effect.targets : []));
    expect(requests('R')).toMatchObject([
      { request: { kind: 'restart', service: 'gateway' } },
      { request: { kind: 'restart', service: 'users' } },
    ]);
    expect(requests('C')).toEqual([
      { request: { kind: 'colocate', service: 'gateway', with: ['users'] } },
    ]);
  });

  test('are dropped by escape after what is open and after the filter, one at a time', () => {
    const { state } = typed(looking(rush), 'space', '/', 'o', 'r', 'enter', 'enter');
    expect(state).toMatchObject({ view: { type: 'service' }, filter: 'or', marks: ['gateway'] });
    const back = (times: number) => typed(state, ...Array<string>(times).fill('escape')).state;
    expect(back(1)).toMatchObject({ view: { type: 'main' }, filter: 'or', marks: ['gateway'] });
    expect(back(2)).toMatchObject({ filter: '', marks: ['gateway'] });
    expect(back(3)).toMatchObject({ filter: '', marks: [] });
    expect(back(4).notice).toBe('escape: nothing is open');
  });
});

test('* keeps a service at the top in every order, until it is pressed again', () => {
  const { state } = typed(looking(rush), ...down(5), '*');
  const names = (keys: readonly string[]): readonly string[] =>
    visibleServices(typed(state, ...keys).state).map(({ name }) => name);
  expect(names([]).slice(0, 2)).toEqual(['orders', 'gateway']);
  expect(names(['s', '3']).slice(0, 2)).toEqual(['orders', 'billing']);
  expect(names(['*']).slice(0, 2)).toEqual(['gateway', 'users']);
});
