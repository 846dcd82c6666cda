import { minutes } from '../../protocol/units.ts';

/** Advice asks who has just come: from then on nobody is older than the others, and nothing changes. */
const oldest = minutes(1);

/** Who was started in the future was started before the clock was set back: it is not young. */
const ageAt = (at: number, startedAt: number): number => (at < startedAt ? oldest : at - startedAt);

export const youngestMs = (
  workers: readonly { readonly startedAt: number }[],
  at: number,
): number => Math.min(...workers.map(({ startedAt }) => ageAt(at, startedAt)), oldest);
