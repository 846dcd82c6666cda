import type { Action, Verification } from '../../protocol/action.ts';
import type { TimelineEvent } from '../../protocol/control/messages.ts';

/** What became of an action, for the timeline. */
export const verdictEvent = (
  { service, undo }: Action,
  { helped, inconclusive, because = '' }: Verification,
): TimelineEvent => ({
  at: new Date().toISOString(),
  kind: 'verification',
  severity: helped || inconclusive === true ? 'ok' : 'warning',
  service,
  text: `${wordOf({ helped, inconclusive, undo })}: ${because}`,
});

const wordOf = (end: {
  readonly helped: boolean;
  readonly inconclusive: true | undefined;
  readonly undo: string | undefined;
}): string => {
  if (end.helped) return 'it helped';
  if (end.inconclusive === true) return 'it cannot be told whether it helped';
  return end.undo === undefined ? 'no effect' : `no effect, undo? ${end.undo}`;
};
