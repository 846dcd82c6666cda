import { type Instant, instant, type Millis, seconds } from '../../protocol/units.ts';

/** A time in which something was over its line, or burnt. */
export type Moment = {
  readonly until: Instant;
  /** There was another one shortly before it. */
  readonly hasComeBack: boolean;
  /** It has, or it burnt: it may well come again. */
  readonly comesBack: boolean;
};

/** A moment that follows another within this time has come back. */
export const comesBackMs = seconds(120);
/** What comes back is over when it has not come for so long. */
export const overAfterMs = seconds(50);

type Bad = { readonly at: Instant; readonly isBurning: boolean };

/** What it was, and what one more bad second makes of it. */
export const momentAfter = (before: Moment | undefined, { at, isBurning }: Bad): Moment => {
  if (before === undefined) return { until: at, hasComeBack: false, comesBack: isBurning };
  const gap = at - before.until;
  // A second may be missing, and a view be a little late.
  const isSame = gap <= 2_500;
  const hasComeBack = isSame ? before.hasComeBack : gap <= comesBackMs;
  const isKnownTo = hasComeBack || (isSame && before.comesBack);
  return { until: at, hasComeBack, comesBack: isBurning || isKnownTo };
};

export const mayComeAgain = (moment: Moment | undefined, at: Instant): boolean =>
  moment?.comesBack === true && at - moment.until < overAfterMs;

/** On a clock that was set by so much. */
export const shiftMoment = (moment: Moment, byMs: Millis): Moment => ({
  ...moment,
  until: instant(moment.until + byMs),
});
