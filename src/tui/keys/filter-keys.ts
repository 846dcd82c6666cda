import { reordered } from '../state/state.ts';
import { type Key, stay } from './key.ts';

/** While a filter is typed; a letter that is not here belongs to it. */
export const filterKeys: readonly Key[] = [
  {
    keys: ['enter'],
    label: 'done',
    help: 'keep the filter',
    press: (state) => stay({ ...state, typing: false }),
  },
  {
    keys: ['escape'],
    label: 'clear',
    help: 'drop the filter',
    press: (state) => stay({ ...reordered(state, { filter: '' }), typing: false }),
  },
  {
    keys: ['backspace'],
    help: 'take back a letter, or end when there is none',
    press: (state) =>
      stay(
        state.filter === ''
          ? { ...state, typing: false }
          : reordered(state, { filter: state.filter.slice(0, -1) }),
      ),
  },
];
