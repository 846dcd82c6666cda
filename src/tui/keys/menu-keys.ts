import { type AutopilotMode, autopilotModes } from '../../protocol/autopilot.ts';
import { logLevels } from '../../protocol/logs.ts';
import { type Sort, sorts } from '../state/services.ts';
import {
  currentAdvice,
  openingService,
  reordered,
  type State,
  said,
  selectedService,
} from '../state/state.ts';
import type { Choice, Dialog, MenuKind } from '../state/view.ts';
import { closed, type Key, type Step, stay } from './key.ts';

type Menu = Extract<Dialog, { readonly type: 'menu' }>;

const hints: Readonly<Record<Sort, string>> = {
  config: 'as the config has them',
  severity: 'the worst first',
  name: 'by the alphabet',
  cpu: 'the busiest first',
  p99: 'the slowest first',
  requests: 'the most asked first',
  errors: 'the most errors first',
  pending: 'the longest queue first',
  memory: 'the largest first',
};

const choicesOf = (state: State, kind: MenuKind): readonly Choice[] => {
  if (kind === 'sort') {
    return sorts.map((sort, index) => ({ key: String(index + 1), label: sort, hint: hints[sort] }));
  }
  if (kind === 'level') {
    return logLevels.map((level, index) => ({
      key: String(index + 1),
      label: level,
      hint: index === 0 ? 'everything' : 'this and worse',
    }));
  }
  if (kind === 'place') {
    return Object.entries(state.places).map(([key, name]) => ({ key, label: name }));
  }
  if (kind === 'mode') return modeChoices(state);
  return state.contexts.map(({ name, place }, index) => ({
    key: String(index + 1),
    label: name,
    hint: 'socketPath' in place ? place.socketPath : `${place.host} ${place.app ?? ''}`.trim(),
  }));
};

const modeHints: Readonly<Record<AutopilotMode, string>> = {
  observe: 'it watches, and says nothing',
  suggest: 'it says what to do, and you do it',
  auto: 'it does so itself; to be typed in full',
};

const modeChoices = ({ snapshot }: State): readonly Choice[] => {
  const now = snapshot?.status.autopilot?.mode;
  return autopilotModes.map((mode) => ({
    key: mode.slice(0, 1),
    label: mode,
    hint: `${modeHints[mode]}${mode === now ? ' (now)' : ''}`,
  }));
};

/** To act by itself it needs a typed word. */
export const toMode = (state: State, mode: AutopilotMode): Step => {
  if (state.snapshot?.status.autopilot?.mode === mode) {
    return stay(said(state, `the autopilot is set to ${mode} already`));
  }
  const deed = { type: 'autopilot', mode } as const;
  if (mode !== 'auto') return { state, effect: deed };
  const question = 'type auto to let it act by itself';
  const typing = { text: '', back: 0, word: 'auto', question, deed } as const;
  return stay({ ...state, prompt: { purpose: 'confirm', ...typing } });
};

const titles: Readonly<Record<MenuKind, string>> = {
  sort: 'ORDER  of the services',
  dismiss: 'DISMISS  because …',
  level: 'LEVEL  of the lines',
  context: 'GO TO  another app',
  place: 'PLACES  a letter that leads nowhere yet will lead to this service',
  mode: 'AUTOPILOT  what becomes of advice',
};

/** What holds now, where a menu is about that. */
const heldOf = ({ sort, logs, snapshot }: State, kind: MenuKind): string | undefined => {
  switch (kind) {
    case 'sort':
      return sort;
    case 'level':
      return logs.level;
    case 'mode':
      return snapshot?.status.autopilot?.mode ?? 'suggest';
    case 'dismiss':
    case 'context':
    case 'place':
      return undefined;
  }
};

/** An enter too soon leaves all as it is. */
export const openMenu = (state: State, kind: MenuKind): State => {
  const choices = choicesOf(state, kind);
  const held = heldOf(state, kind);
  const selected = Math.max(
    0,
    choices.findIndex(({ label }) => label === held),
  );
  return { ...state, dialog: { type: 'menu', kind, title: titles[kind], choices, selected } };
};

/** What each choice does. */
export const chosen = (state: State, menu: Menu, index: number): Step => {
  const choice = menu.choices[index];
  if (choice === undefined) return stay(state);
  const next = closed(state);
  switch (menu.kind) {
    case 'sort':
      return stay(said(sortedBy(next, choice.label as Sort), `sorted by ${choice.label}`));
    case 'level': {
      const level = choice.label as State['logs']['level'];
      return stay({ ...next, logs: { ...next.logs, level, behind: 0 } });
    }
    case 'context': {
      const place = state.contexts[index]?.place;
      if (place === undefined) return stay(next);
      return { state: said(next, `going to ${choice.label}…`), effect: { type: 'attach', place } };
    }
    case 'place':
      return stay(openingService(next, choice.label));
    case 'mode':
      // The labels of the menu are made from these very words.
      return toMode(next, choice.label as AutopilotMode);
    case 'dismiss':
      return dismissed(next, choice.label);
  }
};

/** By a letter to its service; one that leads nowhere yet will lead to the service of now. */
export const toPlace = (state: State, letter: string): Step => {
  const next = closed(state);
  const place = state.places[letter];
  if (place !== undefined) return stay(openingService(next, place));
  const name = selectedService(state)?.name;
  if (name === undefined || !/^[a-z0-9]$/i.test(letter)) {
    return stay(said(state, `${letter}: a letter or a digit is a place, escape goes back`));
  }
  const places = { ...state.places, [letter]: name };
  return stay(said({ ...next, places }, `'${letter} leads to ${name} from now on`));
};

// The labels of the menu are made from these very words.
const sortedBy = (state: State, sort: Sort): State => reordered(state, { sort, isInverted: false });

const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;

/** As wrong for as long as the advisor says, if nothing else is said. */
const howLong: Readonly<Record<string, { readonly forMs: number; readonly isSnoozed?: true }>> = {
  'not now': { forMs: hourMs, isSnoozed: true },
  never: { forMs: yearMs },
};

const dismissed = (state: State, why: string): Step => {
  const advice = currentAdvice(state);
  if (advice === undefined) return stay(said(state, 'the advice is gone already'));
  const given = { recommendation: advice.id, why, ...howLong[why] };
  return { state, effect: { type: 'dismiss', given } };
};

const menuOf = ({ dialog }: State): Menu | undefined =>
  dialog.type === 'menu' ? dialog : undefined;

const turn = (state: State, by: number): Step => {
  const menu = menuOf(state);
  if (menu === undefined) return stay(state);
  const count = Math.max(1, menu.choices.length);
  return stay({ ...state, dialog: { ...menu, selected: (menu.selected + by + count) % count } });
};

const hasMore = (state: State): true | string =>
  (menuOf(state)?.choices.length ?? 0) > 1 ? true : 'there is no other choice';

/** While a menu is open; the key that stands before a choice takes it at once. */
export const menuKeys: readonly Key[] = [
  {
    keys: ['enter'],
    label: 'take',
    help: 'take what is chosen',
    press: (state) => {
      const menu = menuOf(state);
      return menu === undefined ? stay(state) : chosen(state, menu, menu.selected);
    },
  },
  {
    keys: ['j', 'down', 'tab'],
    label: 'next',
    help: 'next choice',
    enabled: hasMore,
    press: (state) => turn(state, 1),
  },
  {
    keys: ['k', 'up', 'shift-tab'],
    help: 'previous choice',
    enabled: hasMore,
    press: (state) => turn(state, -1),
  },
  {
    keys: ['escape', 'q'],
    label: 'back',
    help: 'close the menu, nothing is changed',
    press: (state) => stay(closed(state)),
  },
];
