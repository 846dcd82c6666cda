import type { Action } from '../../protocol/action.ts';
import type { State } from '../state/state.ts';
import { canAct, type Key, type Step, stay } from './key.ts';
import { toUndo } from './undo.ts';

const actionsOf = ({ snapshot }: State): readonly Action[] => snapshot?.actions ?? [];

const selectedOf = (state: State): Action | undefined =>
  state.view.type === 'actions' ? actionsOf(state)[state.view.selected] : undefined;

const turn = (state: State, by: number): Step => {
  if (state.view.type !== 'actions') return stay(state);
  const last = Math.max(0, actionsOf(state).length - 1);
  const selected = Math.max(0, Math.min(last, state.view.selected + by));
  return stay({ ...state, view: { type: 'actions', selected } });
};

const place = ({ view }: State): number => (view.type === 'actions' ? view.selected : 0);

/** What was done, and taking it back. */
export const actionKeys: readonly Key[] = [
  {
    keys: ['u'],
    label: 'undo this',
    help: 'read what taking back the selected action does, then do it',
    enabled: (state) => {
      const allowed = canAct(state);
      if (allowed !== true) return allowed;
      const action = selectedOf(state);
      if (action === undefined) return 'no action is selected';
      if (action.status !== 'done') return `the action is ${action.status}`;
      return action.undo === undefined ? 'this action cannot be taken back' : true;
    },
    press: (state) => {
      const action = selectedOf(state);
      return action === undefined ? stay(state) : toUndo(state, action);
    },
  },
  {
    keys: ['j', 'down'],
    label: 'older',
    help: 'the action before it',
    enabled: (state) =>
      place(state) < actionsOf(state).length - 1 ? true : 'it is the oldest action that is kept',
    press: (state) => turn(state, 1),
  },
  {
    keys: ['k', 'up'],
    help: 'the action after it',
    enabled: (state) => (place(state) > 0 ? true : 'it is the newest action'),
    press: (state) => turn(state, -1),
  },
];
