import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hintsOf, keyTable, pasted, press } from '../../src/tui/keys.ts';
import { type State, visibleServices } from '../../src/tui/state/state.ts';
import { anyState } from './any-shop.ts';
import { calm, investigate, plan, relieved, rush, scaled, scaleUp, twice } from './shop.ts';
import { looking, typed } from './typed.ts';

const planned = { plan, recommendation: scaleUp };

const planDialog = { type: 'plan', items: [planned], apply: false } as const;

const reading: State = looking(rush, { dialog: planDialog });

const oneChoice = {
  type: 'menu',
  kind: 'sort',
  title: 'ORDER',
  choices: [{ key: '1', label: 'config', hint: '' }],
  selected: 0,
} as const;

const everyKey = [
  ...new Set(
    Object.values(keyTable)
      .flat()
      .flatMap(({ keys }) => keys),
  ),
];

describe('every key', () => {
  test('acts or says why it does not, in whatever state', () => {
    const name = fc.oneof(
      fc.constantFrom(...everyKey, 'ctrl-k', 'delete', 'x'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    );
    fc.assert(
      fc.property(anyState, name, (before, key) => {
        const { state, effect } = press({ ...before, notice: '' }, key);
        const { noticeAge: _, ...after } = state;
        const { noticeAge: __, ...was } = { ...before, notice: '' };
        expect(effect !== undefined || JSON.stringify(after) !== JSON.stringify(was)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test('of the footer does something now', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        for (const key of hintsOf(state)) expect(key.enabled?.(state) ?? true).toBe(true);
      }),
    );
  });

  test('is in its table once', () => {
    for (const keys of Object.values(keyTable)) {
      const names = keys.flatMap((key) => key.keys);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test('changes nothing of the app by itself, but for dismiss', () => {
    fc.assert(
      fc.property(fc.constantFrom(...everyKey), (key) => {
        const { effect } = press(looking(twice, { selected: 3 }), key);
        const harmless = [
          'plan',
          'explain',
          'slowest',
          'edit',
          'keep',
          'quit',
          'rewind',
          'export',
          'copy',
          'suspend',
          'redraw',
          'board',
          'theme',
          undefined,
        ];
        // To put advice away is what it says, and easily made good.
        expect([...harmless, 'dismiss']).toContain(effect?.type);
      }),
    );
  });
});

test.each<readonly [string, State, string]>([
  ['a', looking(calm), 'a: there is no advice to act on'],
  ['a', looking(rush, { readOnly: true }), 'a: this console only watches (--read-only)'],
  [
    'a',
    looking({ ...rush, advice: { ...rush.advice, recommendations: [investigate] } }),
    'a: investigate is done by hand, its steps are on the screen',
  ],
  ['p', looking(calm), 'p: there is no advice to read'],
  [
    'w',
    looking({ ...calm, status: { ...calm.status, services: [] } }),
    'w: no service is selected',
  ],
  ['W', looking(rush), 'W: this console may act already, --read-only opens one that only watches'],
  ['e', looking(rush, { readOnly: true }), 'e: this console only watches (--read-only)'],
  ['d', looking(calm), 'd: there is no advice to act on'],
  ['u', looking(rush), 'u: no action can be undone'],
  [
    'u',
    looking({ ...rush, actions: [{ ...scaled, status: 'undone' }] }),
    'u: no action can be undone',
  ],
  ['n', looking(rush), 'n: there is no other recommendation'],
  ['k', looking(rush), 'k: no service is above'],
  ['G', looking(rush, { selected: 7 }), 'G: no service is below'],
  ['!', looking(calm), '!: no service is under pressure'],
  ['escape', looking(rush), 'escape: nothing is open'],
  [
    'U',
    looking(rush, { view: { type: 'actions', selected: 0 } }),
    'U: what was done is on the screen',
  ],
  ['up', looking(rush, { dialog: oneChoice }), 'up: there is no other choice'],
  ['x', looking(rush), 'x: no such key here, ? lists them'],
  ['x', reading, 'x: y applies the plan, escape cancels it'],
])('%s that can do nothing says why: $2', (key, state, expected) => {
  expect(press(state, key).state.notice).toBe(expected);
});

describe('a plan', () => {
  test('is asked for by a, and applied only by a second, deliberate key', () => {
    expect(typed(looking(rush), 'a').effects).toEqual([
      { type: 'plan', targets: [{ recommendation: scaleUp }] },
    ]);
    const accept = { type: 'apply', items: [planned] };
    expect(typed(reading, 'y').effects).toEqual([accept]);
    expect(typed(reading, 'right', 'enter').effects).toEqual([accept]);
  });

  test.each([['enter'], ['escape'], ['q'], ['tab', 'tab', 'enter']])(
    'is cancelled by %s',
    (...keys) => {
      const { state, effects } = typed(reading, ...keys);
      expect(effects).toEqual([]);
      expect(state.dialog).toEqual({ type: 'none' });
      expect(state.notice).toBe('cancelled, nothing was changed');
    },
  );

  test('is not applied by a y that comes before it', () => {
    const asked = typed(looking(rush), 'a', 'y').effects.map(({ type }) => type);
    expect(asked).toEqual(['plan', 'copy']);
  });

  test('is not reached by what is pasted', () => {
    expect(pasted(looking(rush), 'ay').dialog).toEqual({ type: 'none' });
    expect(pasted(looking(rush), 'ay').notice).toBe('pasted text is not taken for keys');
  });
});

describe('the keys of the view', () => {
  test('n and N turn through the advice', () => {
    expect(typed(looking(twice), 'n').state.advice).toBe(1);
    expect(typed(looking(twice), 'n', 'n').state.advice).toBe(0);
    expect(typed(looking(twice), 'N').state.advice).toBe(1);
  });

  test('z and "not now" only put advice off, "wrong" and "never" count against it', () => {
    const given = (...keys: readonly string[]) =>
      typed(looking(rush), ...keys).effects.map(
        (effect) => effect.type === 'dismiss' && effect.given,
      );
    const { id: recommendation } = scaleUp;
    const why = 'not now, for an hour';
    expect(given('z')).toEqual([{ recommendation, why, forMs: 3_600_000, isSnoozed: true }]);
    expect(given('d', 'n')).toMatchObject([{ why: 'not now', isSnoozed: true }]);
    expect(given('d', 'w')).toEqual([{ recommendation, why: 'wrong' }]);
    expect(given('d', 'v')).toEqual([{ recommendation, why: 'never', forMs: 31_536_000_000 }]);
  });

  test('u says what the last action was and whose, and takes it back when that is agreed to', () => {
    const { state, effects } = typed(looking(relieved), 'u');
    expect(effects).toEqual([]);
    expect(state.dialog).toMatchObject({
      apply: false,
      items: [
        {
          plan: {
            title: 'Undo scale orders',
            steps: ['Go back from 2 workers of orders to 1', expect.stringContaining('done by')],
          },
        },
      ],
    });
    expect(typed(looking(relieved), 'u', 'enter').effects).toEqual([]);
    expect(typed(looking(relieved), 'u', 'y').effects).toEqual([{ type: 'undo', action: 'a-1' }]);
  });

  test('u asks for the name of a service that it would stop', () => {
    const started = {
      ...relieved,
      actions: [{ ...scaled, undo: 'forge undo', kind: 'start' as const }],
    };
    const { state, effects } = typed(looking(started), 'u', 'y');
    expect([state.prompt, effects]).toMatchObject([{ purpose: 'confirm', word: 'orders' }, []]);
  });

  test('j, k, g, G and the pages move, and stop at the ends', () => {
    const at = (...keys: readonly string[]) => typed(looking(rush), ...keys).state.selected;
    expect([at('j', 'j', 'k'), at('G'), at('G', 'g'), at('ctrl-d'), at('G', 'pageup')]).toEqual([
      1, 7, 0, 7, 0,
    ]);
  });

  test('! goes to the worst service, and on to the next in trouble', () => {
    const services = rush.status.services.map((service) =>
      service.name === 'users' ? { ...service, severity: 'warning' as const } : service,
    );
    const state = looking({ ...rush, status: { ...rush.status, services } });
    expect(typed(state, '!').state).toMatchObject({ selected: 5, notice: 'orders is critical' });
    expect(typed(state, '!', '!').state).toMatchObject({ selected: 1, notice: 'users is warning' });
    expect(typed(state, '!', '!', '!').state.selected).toBe(5);
  });

  test('s sorts, and the selected service stays selected', () => {
    const { state } = typed(looking(rush, { selected: 5 }), 's', 'j', 'enter');
    expect(state).toMatchObject({ sort: 'severity', selected: 0, notice: 'sorted by severity' });
    expect(typed(looking(rush, { selected: 5 }), 's', '2').state).toMatchObject({ selected: 0 });
    // The order that holds is chosen at first, so that an enter too soon keeps it.
    expect(typed(looking(rush), 's', '5', 's', 'enter').state.sort).toBe('p99');
  });

  test('q closes what is open, and quits when nothing is', () => {
    expect(typed(looking(rush), '?', 'q').effects).toEqual([]);
    expect(typed(looking(rush), 'enter', 'q', 'q').effects).toEqual([{ type: 'quit' }]);
  });
});

describe('a filter', () => {
  test('is typed letter by letter, also with letters that are keys', () => {
    const { state, effects } = typed(looking(rush), '/', 'u', 'a', 'backspace', 's', 'enter');
    expect(effects).toEqual([]);
    expect(state).toMatchObject({ filter: 'us' });
    expect(state.prompt).toBeUndefined();
  });

  test('ends with a key that is no letter, and that key counts', () => {
    const { state } = typed(looking(rush), '/', 'e', 'down');
    expect(state).toMatchObject({ filter: 'e', selected: 1 });
    expect(state.prompt).toBeUndefined();
  });

  test('is dropped by escape, while typing and afterwards', () => {
    expect(typed(looking(rush), '/', 'z', 'escape').state.filter).toBe('');
    expect(typed(looking(rush), '/', 'z', 'enter', 'escape').state.filter).toBe('');
  });

  test('takes what is pasted', () => {
    expect(pasted(typed(looking(rush), '/').state, 'users\n').filter).toBe('users');
  });
});

test('< and > go from order to order and round again, and keep the service that is selected', () => {
  const start = looking(rush, { selected: 2 });
  const name = visibleServices(start)[2]?.name;
  let now = start;
  const seen = ['>', '>', '<', '<', '<'].map((key) => {
    now = press(now, key).state;
    return now;
  });
  expect(seen.map(({ sort, notice }) => [sort, notice])).toEqual(
    ['severity', 'name', 'severity', 'config', 'memory'].map((sort) => [sort, `sorted by ${sort}`]),
  );
  expect(seen.map((state) => visibleServices(state)[state.selected]?.name)).toEqual(
    seen.map(() => name),
  );
});
