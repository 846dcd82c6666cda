import type { Action } from '../../protocol/action.ts';
import type { AdviceAction } from '../../protocol/advice.ts';
import type { Snapshot } from '../../protocol/control/messages.ts';

/** How much of the advice that was followed has helped; of one kind, or of all. */
export const hitRate = ({ actions }: Snapshot, kind?: AdviceAction): string => {
  const followed = actions.filter(
    (action) =>
      action.recommendation !== undefined && (kind === undefined || adviceOf(action) === kind),
  );
  return rateOf('helped', followed);
};

/** The same of what operators thought of themselves, which says nothing about the advisor. */
export const ownRate = ({ actions }: Snapshot): string => {
  const own = actions.filter(
    (action) =>
      action.recommendation === undefined &&
      adviceOf(action) !== undefined &&
      !action.why.startsWith('undo of '),
  );
  return rateOf('by hand', own);
};

const rateOf = (label: string, actions: readonly Action[]): string => {
  const checked = actions
    .flatMap(({ verification }) => verification ?? [])
    .filter(({ inconclusive }) => inconclusive === undefined);
  const helped = checked.filter((each) => each.helped).length;
  return checked.length === 0 ? '' : `${label} ${helped} of ${checked.length}`;
};

/** What could have been advised so; of new processes in the same layout there is no effect. */
const adviceOf = ({ kind, from, to }: Action): AdviceAction | undefined => {
  if (kind === 'scale') return to.workers > from.workers ? 'scale_up' : 'scale_down';
  if (kind === 'split') return 'split_out';
  return kind === 'colocate' ? 'colocate' : undefined;
};
