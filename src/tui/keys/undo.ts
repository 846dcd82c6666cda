import { type Action, subjectOf } from '../../protocol/action.ts';
import { spoken } from '../../protocol/topology.ts';
import { clock, plural } from '../rows/figures.ts';
import type { State } from '../state/state.ts';
import type { Readable } from '../state/view.ts';
import { type Step, stay } from './key.ts';

/** The newest action that can be taken back, or the one named. */
export const undoable = ({ snapshot }: State, id?: string): Action | undefined =>
  snapshot?.actions.find(
    (action) =>
      action.undo !== undefined && action.status === 'done' && (id ?? action.id) === action.id,
  );

/** It may be a colleague's, and a while ago: what it was and whose is read first. */
export const toUndo = (state: State, action: Action): Step =>
  stay({
    ...state,
    dialog: { type: 'plan', items: [{ plan: planOf(action) }], apply: false, undoes: action },
  });

const planOf = (action: Action): Readable['plan'] => {
  const { kind, by, startedAt, why, undo = '' } = action;
  return {
    title: `Undo ${kind} ${subjectOf(action)}`,
    steps: [
      wayBack(action),
      `It was done by ${by.user} (${by.origin}) at ${clock(startedAt)}: ${spoken(why)}`,
    ],
    undo: 'not with one command',
    command: undo,
  };
};

const wayBack = ({ kind, service, from, to }: Action): string => {
  if (kind === 'stop') return `Start ${service} again, with ${plural(from.workers, 'worker')}`;
  if (kind === 'start') return `Stop ${service} again`;
  return from.group === to.group
    ? `Go back from ${plural(to.workers, 'worker')} of ${service} to ${from.workers}`
    : `Move ${service} back from ${spoken(to.group)} to ${spoken(from.group)}`;
};
