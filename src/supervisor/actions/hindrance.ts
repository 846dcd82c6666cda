import type { Entry } from './journal.ts';

/** How the id of an action begins that took back another one. */
export const undoPrefix = 'undo-';

/** Why an action cannot be undone. */
export const hindranceOf = ({ action, inverse }: Entry): string | undefined => {
  const { status, kind, id } = action;
  if (status === 'undone') return 'it was undone already';
  if (status === 'running') return 'it is still under way';
  if (status === 'failed') return 'it failed, and changed nothing';
  if (inverse !== undefined) return undefined;
  if (id.startsWith(undoPrefix)) return 'it took back another one, which can be ordered anew';
  return kind === 'scale' ? 'it changed nothing' : `nothing takes back a ${kind}`;
};
