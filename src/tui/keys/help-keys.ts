import type { State } from '../state/state.ts';
import { closed, type Key, type Step, stay } from './key.ts';

/** How far there is to scroll only the screen knows, which does not let anybody go past it. */
const scroll = (state: State, by: number): Step => {
  const { dialog } = state;
  if (!('from' in dialog)) return stay(state);
  const from = Math.max(0, dialog.from + by);
  return stay({ ...state, dialog: { ...dialog, from } });
};

const fromOf = ({ dialog }: State): number => ('from' in dialog ? dialog.from : 0);

const isScrolled = (state: State): true | string =>
  fromOf(state) > 0 ? true : 'the first line is on the screen';

const scrollKeys: readonly Key[] = [
  {
    keys: ['j', 'down'],
    label: 'down',
    help: 'one line down',
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
    press: (state) => scroll(state, 10),
  },
  {
    keys: ['ctrl-u', 'pageup'],
    help: 'ten lines up',
    enabled: isScrolled,
    press: (state) => scroll(state, -10),
  },
];

const closing = (keys: readonly string[], help: string): Key => ({
  keys,
  label: 'close',
  help,
  press: (state) => stay(closed(state)),
});

/** While the keys are listed. */
export const helpKeys: readonly Key[] = [
  closing(['?', 'f1', 'escape', 'q'], 'close the list of keys'),
  ...scrollKeys,
];

/** While it is said why. */
export const whyKeys: readonly Key[] = [closing(['w', 'escape', 'q'], 'close it'), ...scrollKeys];

/** While the slow calls are listed. */
export const slowKeys: readonly Key[] = [closing(['T', 'escape', 'q'], 'close it'), ...scrollKeys];
