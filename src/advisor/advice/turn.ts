import type { Severity } from '../../protocol/severity.ts';
import { worst } from '../../protocol/severity.ts';
import { type Instant, type Millis, ms, seconds } from '../../protocol/units.ts';
import type { Found } from '../judge.ts';
import { isOfFullMachine } from '../machine.ts';
import type { OpenAdvice } from '../memory/memory.ts';
import { clearAfterMs } from '../settings.ts';
import { hasWaited } from '../signals/full.ts';
import { doubtOf, explainedBy, leadOf } from './doubt.ts';

/** Advice that has been true for so long without a break is no swing: what follows it is another cause. */
export const steadyMs = seconds(30);
/** A second may be missing, and a view be a little late. */
const breakMs = ms(2_500);
/** However often it swings, what has been true for so long is believed. */
export const turnAgainMs = seconds(60);
/** Trouble that has not been as bad for so long is told at once when it is so again. */
export const sameCaseMs = seconds(15);
/** Another cause that explains three quarters, where nothing swings, and a machine that became full. */
export const turnMs = seconds(2);

/** Since its evidence was seen; while nothing is known of its service that may be there. */
export const goneFor = ({ seenAt, unknownAt = seenAt }: OpenAdvice, at: Instant): Millis =>
  ms(at - Math.max(seenAt, unknownAt));

/**
 * How long advice stays when its rule no longer says it. Where the load lies between two causes, each
 * is true for some seconds: who reads the advice is to see one of them, and not both in turn. So each
 * turn after a short one needs twice the time; and as much longer as the new cause explains less.
 */
export const staysFor = (open: OpenAdvice, own: readonly Found[]): Millis => {
  if (own.length === 0) return clearAfterMs;
  return own.every(isAtEase)
    ? ms(Math.max(sameCaseMs, givesUpAfter(open, own)))
    : givesUpAfter(open, own);
};

/** Found while nothing is over its line: it is no reason to forget what may be so again at once. */
export const isAtEase = ({ severity }: Found): boolean => severity === 'ok';

const givesUpAfter = (open: OpenAdvice, own: readonly Found[]): Millis => {
  const wasFull = isOfFullMachine(open.recommendation.action, open.about);
  const full = own.find(({ draft }) => isOfFullMachine(draft.action, draft.about));
  if (full !== undefined && !wasFull) return fullAfterMs(full);
  // The room on a machine that was full comes and goes, also after a long while.
  const swings = Math.max(Number(wasFull && isSteady(open)), swingsOf(open));
  const lead = leadOf(explainedBy(own));
  const doubt = doubtOf(open, own);
  if (swings > 0) return ms(doubt * Math.min(turnAgainMs, (clearAfterMs * 2 ** swings) / lead));
  const most = open.turned === undefined ? clearAfterMs : turnAgainMs;
  return ms(doubt * Math.min(most, turnMs / Math.min(1, 2 * lead)));
};

/** That its processes have waited for so long is no moment. */
const fullAfterMs = ({ situation: { history } }: Found): Millis =>
  hasWaited(history.points) ? ms(0) : turnMs;

type Turned = Pick<OpenAdvice, 'turned'>;

/** The place of another was taken; nothing of a service that was at ease, or has been by now. */
export const turnFrom = (
  before: OpenAdvice | undefined,
  severity: Severity,
  at: Instant,
): Turned => {
  if (before === undefined || isOfEarlier(before, at)) return {};
  const was = { severity: severityOf(before, at), severeAt: before.seenAt };
  return {
    turned: {
      at,
      swings: swingsAfter(before),
      ...worstOf({ severity, severeAt: at }, was),
    },
  };
};

const isOfEarlier = (before: OpenAdvice, at: Instant): boolean =>
  Math.min(goneFor(before, at), at - (before.caseAt ?? before.seenAt)) >= sameCaseMs;

/** Each turn that lasted makes up for one that did not. */
const swingsOf = (open: OpenAdvice): number =>
  open.turned === undefined ? 0 : Math.max(0, (open.turned.swings ?? 1) - Number(isSteady(open)));

const swingsAfter = (before: OpenAdvice): number =>
  isSteady(before) ? Math.max(1, swingsOf(before)) : swingsOf(before) + 1;

const isSteady = ({ turned, seenAt }: OpenAdvice): boolean =>
  turned !== undefined && seenAt - turned.at >= steadyMs;

/** The same turn, of a case that may have become worse, or be true again after a break. */
export const turnedAs = (open: OpenAdvice, severity: Severity, at: Instant): Turned => {
  const { turned } = open;
  if (turned === undefined) return {};
  const isBroken = goneFor(open, at) > breakMs && !isSteady(open);
  const severe = worstOf({ severity, severeAt: at }, lately(turned, at));
  return { turned: { ...turned, ...severe, ...(isBroken && { at }) } };
};

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
