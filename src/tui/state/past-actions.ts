import { type Action, changesLayout } from '../../protocol/action.ts';
import type { TimelineEvent } from '../../protocol/control/messages.ts';

const shown = 20;

/** What had been done by a moment, as it stood then, the newest first. */
export const actionsAt = (
  actions: readonly Action[],
  events: readonly TimelineEvent[],
  at: number,
): readonly Action[] =>
  actions
    .filter((action) => changesLayout(action) && Date.parse(action.startedAt) <= at)
    .toSorted((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt))
    .slice(0, shown)
    .map((action) => asItStood(action, { actions, events, at }));

type Then = {
  readonly actions: readonly Action[];
  readonly events: readonly TimelineEvent[];
  readonly at: number;
};

const asItStood = (action: Action, { actions, events, at }: Then): Action => {
  const { finishedAt, verification, error: _error, ...begun } = action;
  if (finishedAt === undefined || Date.parse(finishedAt) > at) {
    return { ...begun, status: 'running' };
  }
  const isTakenBack = actions.some(
    (other) => takesBack(other, action) && Date.parse(other.startedAt) <= at,
  );
  const status = action.status === 'undone' && !isTakenBack ? 'done' : action.status;
  const isMeasured = events.some(
    ({ kind, service, at: measured }) =>
      kind === 'verification' && service === action.service && measured >= finishedAt,
  );
  const { verification: _measured, ...rest } = action;
  return {
    ...rest,
    status,
    ...(verification === undefined || !isMeasured ? {} : { verification }),
  };
};

const takesBack = (other: Action, { id, to }: Action): boolean =>
  other.why === `undo of ${id}` || (other.kind === 'rollback' && other.to.group === to.group);
