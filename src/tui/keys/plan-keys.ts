import type { State } from '../state/state.ts';
import { said } from '../state/state.ts';
import type { Deed, Dialog } from '../state/view.ts';
import { canAct, closed, type Key, type Step, stay } from './key.ts';

/** A plan that can be applied. */
type Agreeable = Exclude<Extract<Dialog, { readonly type: 'plan' }>, { readonly isDry: true }>;

const cancelled = (state: State): Step =>
  stay(said(closed(state), 'cancelled, nothing was changed'));

/** To stop a service its name is to be typed: nobody does that by a slip. */
const applied = (state: State): Step => {
  const { dialog } = state;
  if (dialog.type !== 'plan' || dialog.isDry === true) return stay(state);
  const deed: Deed =
    'undoes' in dialog
      ? { type: 'undo', action: dialog.undoes.id }
      : { type: 'apply', items: dialog.items };
  const word = stoppedBy(dialog);
  if (word === undefined) return { state: said(closed(state), 'applying…'), effect: deed };
  const question = `type ${word} to stop it`;
  return stay({
    ...state,
    prompt: { purpose: 'confirm', word, question, deed, text: '', back: 0 },
  });
};

const stoppedBy = (plan: Agreeable): string | undefined => {
  if ('undoes' in plan) return plan.undoes.kind === 'start' ? plan.undoes.service : undefined;
  return plan.items.find(({ plan: { request } }) => request.kind === 'stop')?.plan.request.service;
};

const canApply = (state: State): true | string => {
  const { dialog } = state;
  if (dialog.type !== 'plan' || dialog.isDry !== true) return canAct(state);
  return dialog.items.some(({ recommendation }) => recommendation !== undefined)
    ? 'this plan is only read; a opens it to be applied'
    : 'this is done by hand, its steps are on the screen';
};

/** Cancel is chosen at first: what changes the app takes a deliberate second key. */
export const planKeys: readonly Key[] = [
  {
    keys: ['y'],
    label: 'apply',
    help: 'apply the plan',
    enabled: canApply,
    press: applied,
  },
  {
    keys: ['escape', 'q'],
    label: 'cancel',
    help: 'close the plan, nothing is changed',
    press: cancelled,
  },
  {
    keys: ['tab', 'shift-tab', 'left', 'right'],
    label: 'choose',
    help: 'choose between Cancel and Apply',
    enabled: canApply,
    press: (state) =>
      stay(
        state.dialog.type === 'plan' && state.dialog.isDry !== true
          ? { ...state, dialog: { ...state.dialog, apply: !state.dialog.apply } }
          : state,
      ),
  },
  {
    keys: ['enter'],
    label: 'confirm',
    help: 'do what is chosen; at first that is Cancel',
    enabled: (state) =>
      state.dialog.type === 'plan' && state.dialog.apply ? canApply(state) : true,
    press: (state) =>
      state.dialog.type === 'plan' && state.dialog.apply ? applied(state) : cancelled(state),
  },
  {
    keys: ['c'],
    label: 'copy command',
    help: 'copy the command that does the same',
    press: (state) => {
      if (state.dialog.type !== 'plan') return stay(state);
      const text = state.dialog.items.map(({ plan }) => plan.command).join('\n');
      return { state: said(state, `copied: ${text}`), effect: { type: 'copy', text } };
    },
  },
];
