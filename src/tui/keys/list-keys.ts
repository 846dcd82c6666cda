import { sorts } from '../state/services.ts';
import {
  moved,
  reordered,
  type State,
  said,
  selectedService,
  visibleServices,
} from '../state/state.ts';
import { canShowBoard, type Key, stay } from './key.ts';
import { openMenu } from './menu-keys.ts';

const isAbove = (state: State): true | string =>
  state.selected > 0 ? true : 'no service is above';

const isBelow = (state: State): true | string =>
  state.selected < visibleServices(state).length - 1 ? true : 'no service is below';

const hasService = (state: State): true | string =>
  selectedService(state) === undefined ? 'no service is selected' : true;

const far = Number.MAX_SAFE_INTEGER;

const toggled = (names: readonly string[], name: string): readonly string[] =>
  names.includes(name) ? names.filter((each) => each !== name) : [...names, name];

/** Round again where the orders end. */
const sortedBeside = (state: State, by: -1 | 1): State => {
  const sort = sorts.at((sorts.indexOf(state.sort) + by) % sorts.length) ?? state.sort;
  return said(reordered(state, { sort, isInverted: false }), `sorted by ${sort}`);
};

/** What moves in the table and arranges it. */
export const moveKeys: readonly Key[] = [
  {
    keys: ['j', 'down'],
    help: 'next service',
    enabled: isBelow,
    press: (state) => stay(moved(state, 1)),
  },
  {
    keys: ['k', 'up'],
    help: 'previous service',
    enabled: isAbove,
    press: (state) => stay(moved(state, -1)),
  },
  {
    keys: ['ctrl-d', 'pagedown'],
    help: 'ten services down',
    enabled: isBelow,
    press: (state) => stay(moved(state, 10)),
  },
  {
    keys: ['ctrl-u', 'pageup'],
    help: 'ten services up',
    enabled: isAbove,
    press: (state) => stay(moved(state, -10)),
  },
  {
    keys: ['home'],
    help: 'first service',
    enabled: isAbove,
    press: (state) => stay(moved(state, -far)),
  },
  {
    keys: ['g'],
    help: 'first service; there already, the wallboard',
    enabled: (state) => (state.selected > 0 ? true : canShowBoard(state)),
    press: (state) =>
      state.selected > 0 ? stay(moved(state, -far)) : { state, effect: { type: 'board' } },
  },
  {
    keys: ['G', 'end'],
    help: 'last service',
    enabled: isBelow,
    press: (state) => stay(moved(state, far)),
  },
];

export const listKeys: readonly Key[] = [
  {
    keys: ['enter'],
    label: 'open',
    help: 'the service: its figures, workers, calls, logs and settings',
    enabled: hasService,
    press: (state) => {
      const service = selectedService(state);
      return stay(
        service === undefined
          ? state
          : {
              ...state,
              view: { type: 'service', name: service.name, tab: 'overview', worker: 0 },
            },
      );
    },
  },
  {
    keys: ['s'],
    help: 'choose the order of the services',
    press: (state) => stay(openMenu(state, 'sort')),
  },
  {
    keys: ['<'],
    help: 'the order before in that list',
    press: (state) => stay(sortedBeside(state, -1)),
  },
  {
    keys: ['>'],
    help: 'the order after it',
    press: (state) => stay(sortedBeside(state, 1)),
  },
  {
    keys: ['I'],
    help: 'turn the order round',
    press: (state) => stay(reordered(state, { isInverted: !state.isInverted })),
  },
  {
    keys: ['space'],
    help: 'mark the service, or take the mark away',
    enabled: hasService,
    press: (state) => {
      const name = selectedService(state)?.name ?? '';
      const marks = toggled(state.marks, name);
      return stay(moved({ ...state, marks, rangeFrom: name }, 1));
    },
  },
  {
    keys: ['V'],
    help: 'mark everything between the last mark and here',
    enabled: (state) => (state.rangeFrom === undefined ? 'mark a service with space first' : true),
    press: (state) => {
      const names = visibleServices(state).map(({ name }) => name);
      const from = Math.max(0, names.indexOf(state.rangeFrom ?? ''));
      const [low, high] = [Math.min(from, state.selected), Math.max(from, state.selected)];
      const marks = [...new Set([...state.marks, ...names.slice(low, high + 1)])];
      return stay(said({ ...state, marks }, `${marks.length} services are marked`));
    },
  },
  {
    keys: ['*'],
    help: 'keep the service at the top, or let it go',
    enabled: hasService,
    press: (state) => {
      const name = selectedService(state)?.name ?? '';
      const pins = toggled(state.pins, name);
      const word = pins.includes(name) ? 'stays at the top' : 'is back in the order';
      return stay(said(reordered(state, { pins }), `${name} ${word}`));
    },
  },
];
