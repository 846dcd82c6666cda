import { type Instant, seconds } from '../../protocol/units.ts';
import type { Found } from '../judge.ts';
import type { OpenAdvice } from '../memory/memory.ts';

/** A size that is off by more than this part of it, and by more than one worker, is wrong at once. */
export const farShare = 0.2;
/** One that is off by less is another one when it has been too small, or too large, for so long. */
export const tooSmallMs = seconds(10);
export const tooLargeMs = seconds(30);

type Resizing = NonNullable<OpenAdvice['resizing']>;

/**
 * The same advice with the size that it shows, as long as that is near what the load needs now:
 * whoever reads it is to have time to accept it. The autopilot takes what its plan says.
 */
export const steadied = (
  found: Found,
  open: OpenAdvice,
  at: Instant,
): { readonly found: Found; readonly resizing?: Resizing } => {
  const { draft, situation } = found;
  const shown = sizeOf(open.recommendation);
  const wanted = sizeOf(draft);
  const isFollowed = situation.plan !== undefined || draft.sizedTo === undefined;
  if (isFollowed || shown === wanted || !isPossible(shown, found)) return { found };
  const resizing = resizingOf(open, { isTooSmall: wanted > shown, at });
  const waitMs = resizing.isTooSmall ? tooSmallMs : tooLargeMs;
  const isFar = Math.abs(wanted - shown) > Math.max(1, shown * farShare);
  if (isFar || at - resizing.since >= waitMs) return { found };
  return { found: { ...found, draft: draft.sizedTo(shown) }, resizing };
};

const sizeOf = ({ details }: Pick<Found['draft'], 'details'>): number =>
  Number(details['suggestedWorkers']);

const isPossible = (size: number, { situation: { service } }: Found): boolean =>
  size > service.workers && size <= service.maxWorkers;

const resizingOf = (
  { resizing }: OpenAdvice,
  { isTooSmall, at }: Pick<Resizing, 'isTooSmall'> & { readonly at: Instant },
): Resizing => (resizing?.isTooSmall === isTooSmall ? resizing : { isTooSmall, since: at });
