import { type State, said } from '../state/state.ts';
import { type Key, type Step, stay } from './key.ts';

const closed = (state: State, notice: string): State =>
  said({ ...state, dialog: { type: 'none' } }, notice);

const applied = (state: State): Step =>
  state.dialog.type === 'plan'
    ? {
        state: closed(state, 'applying…'),
        effect: { type: 'accept', recommendation: state.dialog.recommendation.id },
      }
    : stay(state);

/** Cancel is chosen at first: what changes the app takes a deliberate second key. */
export const planKeys: readonly Key[] = [
  { keys: ['y'], label: 'apply', help: 'apply the plan', press: applied },
  {
    keys: ['escape', 'q'],
    label: 'cancel',
    help: 'close the plan, nothing is changed',
    press: (state) => stay(closed(state, 'cancelled, nothing was changed')),
  },
  {
    keys: ['tab', 'left', 'right'],
    label: 'choose',
    help: 'choose between Cancel and Apply',
    press: (state) =>
      stay(
        state.dialog.type === 'plan'
          ? { ...state, dialog: { ...state.dialog, apply: !state.dialog.apply } }
          : state,
      ),
  },
  {
    keys: ['enter'],
    label: 'confirm',
    help: 'do what is chosen; at first that is Cancel',
    press: (state) =>
      state.dialog.type === 'plan' && state.dialog.apply
        ? applied(state)
        : stay(closed(state, 'cancelled, nothing was changed')),
  },
];
