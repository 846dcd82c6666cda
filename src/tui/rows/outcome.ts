import { type Action, isMeasured, subjectOf, type Verification } from '../../protocol/action.ts';
import type { Snapshot } from '../../protocol/control/messages.ts';
import { spoken } from '../../protocol/topology.ts';
import { glyphsOf } from '../glyphs.ts';
import type { Theme } from '../theme.ts';
import { duration } from './figures.ts';
import { type Line, toned } from './line.ts';

/** How the last action ended, and whether it helped. */
export const outcomeLine = (action: Action, { status }: Snapshot, theme: Theme): Line => {
  const { kind, from, to } = action;
  const { arrow } = glyphsOf(theme);
  const size = from.workers === to.workers ? '' : ` ${from.workers}${arrow}${to.workers}`;
  const isUnknown = action.verification?.inconclusive === true;
  const canUndo = action.undo !== undefined && action.status === 'done';
  return [
    toned('dim', 'last '),
    `${kind} ${subjectOf(action)}${size}: `,
    ...outcomeOf(action, Date.parse(status.at), theme),
    ...(isUnknown ? [', ', toned('key', 'U'), ' says why'] : []),
    ...(canUndo ? ['   ', toned('key', 'u'), ' undo'] : []),
  ];
};

/** Failed, undone, or whether it did what was predicted. */
export const outcomeOf = (action: Action, now: number, theme: Theme): Line => {
  const { status, verification, error } = action;
  switch (status) {
    case 'running':
    case 'undone':
      return [status];
    case 'failed':
      return [toned('critical', 'failed'), error === undefined ? '' : `, ${spoken(error)}`];
    case 'done':
      return verification === undefined ? measuring(action, now) : verdict(verification, theme);
  }
};

/** What takes an action back is not measured, and cannot be taken back itself. */
const measuring = (action: Action, now: number): Line => {
  const { undo, finishedAt } = action;
  if (undo === undefined || finishedAt === undefined) return ['done'];
  const ago = `done ${duration(now - Date.parse(finishedAt))} ago`;
  return [isMeasured(action) ? `${ago}, its effect is being measured` : ago];
};

const verdict = ({ helped, inconclusive, actual, predicted }: Verification, theme: Theme): Line => {
  if (inconclusive === true) return ['done, no verdict'];
  const severity = helped ? 'ok' : 'warning';
  const expected = predicted.latencyP99Ms;
  const against = expected === undefined ? 'not predicted' : `predicted ${expected.toFixed(0)}`;
  return [
    toned(severity, `${glyphsOf(theme)[severity]} ${helped ? 'it helped' : 'no effect'}`),
    `, P99 ${actual.latencyP99Ms.toFixed(0)} ms, ${against}`,
  ];
};
