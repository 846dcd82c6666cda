import type { State } from '../state/state.ts';
import { closed, type Key, type Step, stay } from './key.ts';

/** More lines than the list of all keys has on any screen. */
const far = 200;

const scroll = (state: State, by: number): Step => {
  const { dialog } = state;
  if (dialog.type !== 'help') return stay(state);
  const from = Math.max(0, Math.min(far, dialog.from + by));
  return stay({ ...state, dialog: { ...dialog, from } });
};

const isScrolled = ({ dialog }: State): true | string =>
  dialog.type === 'help' && dialog.from > 0 ? true : 'the first key is on the screen';

const canScroll = ({ dialog }: State): true | string =>
  dialog.type === 'help' && dialog.from < far ? true : 'the last key is on the screen';

/** While the keys are listed. */
export const helpKeys: readonly Key[] = [
  {
    keys: ['?', 'f1', 'escape', 'q'],
    label: 'close',
    help: 'close the list of keys',
    press: (state) => stay(closed(state)),
  },
  {
    keys: ['j', 'down'],
    label: 'down',
    help: 'one line down',
    enabled: canScroll,
    press: (state) => scroll(state, 1),
  },
  {
    keys: ['k', 'up'],
    help: 'one line up',
    enabled: isScrolled,
    press: (state) => scroll(state, -1),
  },
  {
    keys: ['ctrl-d', 'pagedown', 'space'],
    label: 'page',
    help: 'ten lines down',
    enabled: canScroll,
    press: (state) => scroll(state, 10),
  },
  {
    keys: ['ctrl-u', 'pageup'],
    help: 'ten lines up',
    enabled: isScrolled,
    press: (state) => scroll(state, -10),
  },
];
