import type { ServiceStatus } from '../../protocol/metrics.ts';
import { bySeverity } from '../../protocol/severity.ts';
import {
  currentAdvice,
  openingService,
  reordered,
  type State,
  said,
  selectedService,
} from '../state/state.ts';
import { canShowBoard, type Key, past, type Step, stay, watches } from './key.ts';
import { openMenu } from './menu-keys.ts';

const isTroubled = ({ severity }: ServiceStatus): boolean => severity !== 'ok';

const troubled = ({ snapshot }: State): readonly ServiceStatus[] =>
  (snapshot?.status.services ?? [])
    .filter(isTroubled)
    .toSorted((a, b) => bySeverity(a.severity, b.severity));

/** The worst service first, then the next one in trouble, and round again; its advice with it. */
const nextTroubled = (state: State): Step => {
  const found = troubled(state);
  const current = found.findIndex(({ name }) => name === selectedService(state)?.name);
  const next = found[(current + 1) % found.length];
  if (next === undefined) return stay(state);
  return stay(said(openingService(state, next.name), `${next.name} is ${next.severity}`));
};

/** What is open is closed, then what narrows is dropped: never more than one of them at a time. */
const back = (state: State): State | undefined => {
  if (state.view.type !== 'main') return { ...state, view: { type: 'main' } };
  if (state.filter !== '') return reordered(state, { filter: '' });
  if (state.marks.length === 0) return undefined;
  const { rangeFrom: _from, ...rest } = state;
  return { ...rest, marks: [] };
};

/** What is worth copying where one is. */
const copied = (state: State): string => {
  const { view, snapshot } = state;
  if (view.type === 'actions') return snapshot?.actions[view.selected]?.undo ?? '';
  if (view.type === 'logs') return `forge logs ${view.services.join(' ')} -f`;
  return currentAdvice(state)?.command ?? `forge explain ${selectedService(state)?.name ?? ''}`;
};

/** What works wherever one is. */
export const screenKeys: readonly Key[] = [
  {
    keys: ['!'],
    label: 'worst',
    help: 'the worst service; again for the next one in trouble',
    // Looked at for every frame: nothing is sorted for it.
    enabled: ({ snapshot }) =>
      snapshot?.status.services.some(isTroubled) === true ? true : 'no service is under pressure',
    press: nextTroubled,
  },
  {
    keys: ['escape'],
    label: 'back',
    help: 'close what is open, then drop the filter, then the marks',
    enabled: (state) => (back(state) === undefined ? 'nothing is open' : true),
    press: (state) => stay(back(state) ?? state),
  },
  {
    keys: ['?', 'f1'],
    label: 'help',
    help: 'every key; again to close',
    press: (state) => stay({ ...state, dialog: { type: 'help', from: 0 } }),
  },
  {
    keys: [':'],
    label: 'command',
    help: 'type a command; tab completes it',
    press: (state) => stay({ ...state, prompt: { purpose: 'command', text: '', back: 0 } }),
  },
  {
    keys: ['U'],
    help: 'what was done, by whom, and whether it helped as predicted',
    enabled: ({ view }) =>
      view.type === 'actions' && view.selected === 0 ? 'what was done is on the screen' : true,
    press: (state) => stay({ ...state, view: { type: 'actions', selected: 0 } }),
  },
  {
    keys: ['c'],
    help: 'go to another app',
    enabled: ({ contexts }) =>
      contexts.length > 1 ? true : 'no other app runs here, and the file of the console names none',
    press: (state) => stay(openMenu(state, 'context')),
  },
  {
    keys: ['y'],
    help: 'copy the command of what is on the screen',
    press: (state) => {
      const text = copied(state);
      return { state: said(state, `copied: ${text}`), effect: { type: 'copy', text } };
    },
  },
  {
    keys: ['Z'],
    help: 'hold the figures as they are, and let them go on',
    enabled: ({ replay }) => (replay === undefined ? true : 'the screen shows the past, L is now'),
    press: (state) =>
      stay(
        said(
          { ...state, isFrozen: !state.isFrozen },
          state.isFrozen ? 'the figures go on' : 'the figures are held, Z lets them go on',
        ),
      ),
  },
  {
    keys: ['t'],
    help: 'the next theme',
    press: (state) => ({ state, effect: { type: 'theme' } }),
  },
  {
    keys: ['B'],
    help: 'the wallboard of charts; g, q or escape comes back',
    enabled: canShowBoard,
    press: (state) => ({ state, effect: { type: 'board' } }),
  },
  {
    keys: ["'"],
    help: 'to the service that a letter leads to; a new letter will lead to the one of now',
    press: (state) => stay(openMenu(state, 'place')),
  },
  {
    keys: ['W'],
    label: 'allow changes',
    help: 'let a console that only watches (--read-only) act for ten minutes; again to end it',
    enabled: ({ readOnly, armedUntil, replay }) => {
      if (replay?.file !== undefined) return past;
      return readOnly || armedUntil !== undefined
        ? true
        : 'this console may act already, --read-only opens one that only watches';
    },
    press: (state) => ({
      state: said(state, 'asking the supervisor…'),
      effect: { type: 'arm', isOn: state.readOnly },
    }),
  },
  {
    keys: ['e'],
    help: 'the config in your editor ($VISUAL or $EDITOR); forge reload then goes over to it',
    enabled: ({ replay, readOnly }) => {
      if (replay?.file !== undefined) return past;
      return readOnly ? watches : true;
    },
    press: (state) => ({ state, effect: { type: 'edit' } }),
  },
  {
    keys: ['ctrl-s'],
    help: 'keep the screen as text and as a picture, in the folder the console was started in',
    press: (state) => ({ state, effect: { type: 'keep' } }),
  },
  {
    keys: ['ctrl-l'],
    help: 'draw the screen anew',
    press: (state) => ({ state, effect: { type: 'redraw' } }),
  },
  {
    keys: ['ctrl-z'],
    help: 'give the terminal to the shell; fg comes back',
    press: (state) => ({ state, effect: { type: 'suspend' } }),
  },
  {
    keys: ['q'],
    label: 'quit',
    help: 'close what is open, or leave; the app keeps running',
    press: (state) => {
      if (state.view.type !== 'main') return stay({ ...state, view: { type: 'main' } });
      return { state, effect: { type: 'quit' } };
    },
  },
];

export const panes = ['services', 'advice', 'timeline'] as const;

export const paneKeys: readonly Key[] = [
  {
    keys: ['tab', 'shift-tab'],
    help: 'on a small screen, the next part: services, advice, timeline',
    enabled: ({ isSmall }) => (isSmall ? true : 'every part is on the screen'),
    press: (state) => stay({ ...state, pane: (state.pane + 1) % panes.length }),
  },
];

export const filterKey: Key = {
  keys: ['/'],
  label: 'filter',
  help: 'show only some services: ord, cpu>60, p99>=100, group=main, or ! for trouble',
  press: (state) =>
    stay({ ...reordered(state, { filter: '' }), prompt: { purpose: 'filter', text: '', back: 0 } }),
};
