import { bySeverity } from '../../protocol/severity.ts';
import {
  moved,
  reordered,
  type State,
  said,
  selectedService,
  sorts,
  visibleServices,
} from '../state/state.ts';
import { type Key, type Step, stay } from './key.ts';

const isAbove = (state: State): true | string =>
  state.selected > 0 ? true : 'no service is above';

const isBelow = (state: State): true | string =>
  state.selected < visibleServices(state).length - 1 ? true : 'no service is below';

const troubled = (state: State) =>
  visibleServices(state)
    .filter(({ severity }) => severity !== 'ok')
    .toSorted((a, b) => bySeverity(a.severity, b.severity));

/** The worst service first, then the next one in trouble, and round again. */
const nextTroubled = (state: State): Step => {
  const found = troubled(state);
  const current = found.findIndex(({ name }) => name === selectedService(state)?.name);
  const next = found[(current + 1) % found.length];
  if (next === undefined) return stay(state);
  const selected = visibleServices(state).findIndex(({ name }) => name === next.name);
  return stay(said({ ...state, selected }, `${next.name} is ${next.severity}`));
};

const nextSort = (state: State): Step => {
  const sort = sorts[(sorts.indexOf(state.sort) + 1) % sorts.length] ?? 'config';
  return stay(said(reordered(state, { sort }), `sorted by ${sort}`));
};

const close = (state: State): Step =>
  stay(
    state.dialog.type === 'none'
      ? reordered(state, { filter: '' })
      : { ...state, dialog: { type: 'none' } },
  );

/** What changes only what is on the screen. */
export const viewKeys: readonly Key[] = [
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
    keys: ['g', 'home'],
    help: 'first service',
    enabled: isAbove,
    press: (state) => stay(moved(state, -Number.MAX_SAFE_INTEGER)),
  },
  {
    keys: ['G', 'end'],
    help: 'last service',
    enabled: isBelow,
    press: (state) => stay(moved(state, Number.MAX_SAFE_INTEGER)),
  },
  {
    keys: ['!'],
    label: 'worst',
    help: 'the worst service; again for the next one in trouble',
    enabled: (state) => (troubled(state).length > 0 ? true : 'no service is under pressure'),
    press: nextTroubled,
  },
  {
    keys: ['enter'],
    label: 'open',
    help: 'the service, its figures and its workers',
    enabled: (state) => {
      if (state.dialog.type === 'detail') return 'the service is open already';
      return selectedService(state) === undefined ? 'no service is selected' : true;
    },
    press: (state) => stay({ ...state, dialog: { type: 'detail' } }),
  },
  {
    keys: ['escape'],
    label: 'back',
    help: 'close what is open, or clear the filter',
    enabled: ({ dialog, filter }) =>
      dialog.type === 'none' && filter === '' ? 'nothing is open' : true,
    press: close,
  },
  {
    keys: ['?'],
    label: 'help',
    help: 'every key; again to close',
    press: (state) =>
      stay({ ...state, dialog: { type: state.dialog.type === 'help' ? 'none' : 'help' } }),
  },
  {
    keys: ['q'],
    label: 'quit',
    help: 'close what is open, or leave; the app keeps running',
    press: (state) =>
      state.dialog.type === 'none' ? { state, effect: { type: 'quit' } } : close(state),
  },
  {
    keys: ['s'],
    label: 'sort',
    help: 'sort by config, severity, CPU, P99 or pending',
    press: nextSort,
  },
  {
    keys: ['/'],
    label: 'filter',
    help: 'show only services whose name contains a text',
    press: (state) => stay({ ...reordered(state, { filter: '' }), typing: true }),
  },
];
