import type { Stretch } from '../memory.ts';
import { type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';

/** A loop held for longer than this in one piece is blocked. */
export const blockedMs = 100;
/** A view shows one long slice for seconds, so stretches of ten seconds are counted. */
export const blockedStretches = 3;
const lastStretches = 6;

const blockedIn = (stretches: readonly Stretch[]): readonly Stretch[] => {
  const blocked: Stretch[] = [];
  for (let index = stretches.length - lastStretches; index < stretches.length; index += 1) {
    const stretch = stretches[index];
    if (stretch !== undefined && stretch.maxSliceMs > blockedMs) blocked.push(stretch);
  }
  return blocked;
};

/**
 * One long slice now and then hides from P99 while there are other workers: tell it anyway. Says
 * nothing of a shared loop, which is `splitOut`'s business. Slices of a process that had no core to
 * run on were not remembered: there, every slice is long.
 */
export const investigateBlocked: Rule = ({ service, history, hot }) => {
  if (hot || service.colocatedWith.length > 0) return undefined;
  const blocked = blockedIn(history.stretches);
  if (blocked.length < blockedStretches) return undefined;
  const longest = round(Math.max(...blocked.map(({ maxSliceMs }) => maxSliceMs)));
  return investigate(service.service, {
    about: 'blocked',
    reason: `Its event loop was blocked for up to ${longest} ms (more than ${blockedMs} ms in ${blocked.length} of the last ${lastStretches} stretches of 10 s)`,
    strength: blocked.length / lastStretches,
    details: { longestSliceMs: longest, blockedStretches: blocked.length },
    steps: [
      'Find the synchronous work in its handlers',
      'Cut it into pieces, or move it to a service of its own',
    ],
  });
};
