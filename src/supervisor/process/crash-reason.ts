import type { Event, State } from './lifecycle.ts';

type Exited = Extract<Event, { readonly type: 'exited' }>;

/**
 * A worker that was given up is not to blame for the signal that ended it, and its words may tell why
 * it was late; one that others killed did not know of it.
 */
export const crashReason = (state: State, { reason, unwell, isDenied }: Exited): string => {
  if (isDenied) return reason;
  const late = state.status === 'starting' ? state.late : undefined;
  const said = /^SIGKILL: (.*)$/s.exec(reason)?.[1];
  if (late === undefined) return said === undefined ? reason : 'SIGKILL';
  const why = [unwell ?? [], said === undefined ? [] : `its last words: ${said}`].flat();
  return why.length === 0 ? late : `${late}: ${why.join('; ')}`;
};

/** It was asked to end and has not, in all the time that it had. */
export const isOverdue = (event: Event, state: State): boolean =>
  event.type === 'timeout' && state.status === 'stopping' && state.step === 'killed';
