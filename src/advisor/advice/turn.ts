import type { Severity } from '../../protocol/severity.ts';
import { worst } from '../../protocol/severity.ts';
import { type Instant, type Millis, seconds } from '../../protocol/units.ts';
import type { Found } from '../judge.ts';
import { isOfFullMachine } from '../machine.ts';
import type { OpenAdvice } from '../memory/memory.ts';
import { clearAfterMs } from '../settings.ts';

/** What took the place of another kind within so long, */
export const turnKeptMs = seconds(600);
/** gives it up only when something else has been true for so long. */
export const turnAgainMs = seconds(60);
/** Trouble that has not been as bad for so long is told at once when it is so again. */
export const sameCaseMs = seconds(15);
/** That the machine became full needs no longer: it has two lines of its own. */
export const machineTurnMs = seconds(2);

/**
 * How long advice stays when its rule no longer says it. Where the load lies between two causes, each
 * is true for some seconds: who reads the advice is to see one of them, and not both in turn.
 */
export const staysFor = (open: OpenAdvice, own: readonly Found[], at: Instant): Millis => {
  if (own.length === 0) return clearAfterMs;
  const wasFull = isOfFullMachine(open.recommendation.action, open.about);
  const isFull = own.some(({ draft }) => isOfFullMachine(draft.action, draft.about));
  if (isFull && !wasFull) return machineTurnMs;
  const hasTurned = open.turned !== undefined && at - open.turned.at < turnKeptMs;
  return hasTurned ? turnAgainMs : clearAfterMs;
};

type Turned = Pick<OpenAdvice, 'turned'>;

/** The place of another was taken; nothing of a service that was at ease, or has been by now. */
export const turnFrom = (
  before: OpenAdvice | undefined,
  severity: Severity,
  at: Instant,
): Turned => {
  if (before === undefined || at - before.seenAt >= sameCaseMs) return {};
  const was = { severity: severityOf(before, at), severeAt: before.seenAt };
  return { turned: { at, ...worstOf({ severity, severeAt: at }, was) } };
};

/** The same turn, of a case that may have become worse. */
export const turnedAs = ({ turned }: OpenAdvice, severity: Severity, at: Instant): Turned =>
  turned === undefined
    ? {}
    : { turned: { ...turned, ...worstOf({ severity, severeAt: at }, lately(turned, at)) } };

/** That a signal comes and goes over its critical line makes no other cause more urgent. */
export const isMoreUrgent = (severity: Severity, open: OpenAdvice, at: Instant): boolean => {
  const known = severityOf(open, at);
  return worst([severity, known]) !== known;
};

type Severe = Pick<NonNullable<OpenAdvice['turned']>, 'severity' | 'severeAt'>;

/** What was as bad a while ago is another case when it is so again. */
const lately = (turned: Severe, at: Instant): Severe =>
  at - turned.severeAt < sameCaseMs ? turned : { severity: 'ok', severeAt: turned.severeAt };

/** The first of equals. */
const worstOf = (now: Severe, before: Severe): Severe => {
  const { severity, severeAt } =
    worst([now.severity, before.severity]) === now.severity ? now : before;
  return { severity, severeAt };
};

const severityOf = ({ recommendation, turned }: OpenAdvice, at: Instant): Severity =>
  worst([recommendation.severity, turned === undefined ? 'ok' : lately(turned, at).severity]);
