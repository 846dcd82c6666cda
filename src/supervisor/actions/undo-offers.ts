import { type Action, changesLayout } from '../../protocol/action.ts';
import type { UndoOffer } from '../../protocol/advice.ts';
import { seconds } from '../../protocol/units.ts';

/** Later than this, taking an action back is a new idea and no longer the end of that one. */
const offeredForMs = seconds(1_800);

/** Actions that did not help and can still be taken back: each service's last one, newest first. */
export const undoOffers = (actions: readonly Action[], at: number): readonly UndoOffer[] => {
  const latest = new Map<string, Action>();
  for (const action of actions) {
    if (changesLayout(action) && action.status !== 'failed' && !latest.has(action.service))
      latest.set(action.service, action);
  }
  return [...latest.values()].flatMap((action) => offerOf(action, at));
};

const offerOf = (action: Action, at: number): readonly UndoOffer[] => {
  const { id, kind, service, verification, undo, status, finishedAt } = action;
  if (status !== 'done' || undo === undefined || verification === undefined) return [];
  const { helped, inconclusive, because = 'nothing came of it' } = verification;
  const isLate = at - Date.parse(finishedAt ?? '') > offeredForMs;
  if (helped || inconclusive === true || isLate) return [];
  return [{ action: id, kind, service, because, command: undo }];
};
