import { seconds } from '../../protocol/units.ts';
import type { Stretches } from '../history/stretch.ts';
import type { Stretch } from '../memory/memory.ts';
import type { ServiceView } from '../view.ts';
import { type Rule, round } from './draft.ts';
import { investigate } from './investigate.ts';

/** A loop held for longer than this in one piece is blocked. */
export const blockedMs = 100;
/** A view shows one long slice for seconds, so stretches of ten seconds are counted. */
export const blockedStretches = 3;
const lastStretches = 6;
const stretchSeconds = 10;
/** One such slice in ten seconds has at least this part in the wait for its loops. */
export const blockedShare = 0.1;

/** A slice is a block from here on: of very many others, only if it adds much to their wait. */
export const blockFromMs = ({ sumOfSquaresMs2PerSecond }: ServiceView['slices']): number =>
  Math.max(blockedMs, Math.sqrt(sumOfSquaresMs2PerSecond * stretchSeconds * blockedShare));

const blockedIn = (
  { stretches, stretch: last }: Stretches,
  slices: ServiceView['slices'],
): readonly Stretch[] => {
  const longMs = blockFromMs(slices);
  const blocked: Stretch[] = [];
  for (let index = stretches.length - lastStretches + 1; index <= stretches.length; index += 1) {
    const stretch = index < stretches.length ? stretches[index] : last;
    if (stretch !== undefined && stretch.maxSliceMs > longMs) blocked.push(stretch);
  }
  return blocked;
};

/** The innermost function that is not of Node, with as much of its path as tells it apart. */
export const placeOf = (stack: string): string => {
  const frames = stack.split(' < ');
  const own = frames.find((frame) => !frame.includes('(node:')) ?? stack;
  return own.replace(/\(.*?([^/(]+\/[^/]+)\)$/, '($1)');
};

/**
 * One long slice now and then hides from P99 while there are other workers: tell it anyway. Says
 * nothing of a shared loop, which is `splitOut`'s business, nor of a slice that is one of very many
 * and, by its square, adds little to their wait. Slices of a process that had no core to
 * run on were not remembered: there, every slice is long.
 */
export const investigateBlocked: Rule = ({ service, history, hot }) => {
  if (hot || service.colocatedWith.length > 0) return undefined;
  const blocked = blockedIn(history, service.slices);
  if (blocked.length < blockedStretches) return undefined;
  const longest = round(Math.max(...blocked.map(({ maxSliceMs }) => maxSliceMs)));
  const { stalledIn } = service;
  const where = stalledIn === undefined ? '' : ` in ${placeOf(stalledIn)}`;
  return investigate(service.service, {
    about: 'blocked',
    overMs: seconds(lastStretches * stretchSeconds),
    reason: `Its event loop was blocked for up to ${longest} ms${where} (more than ${blockedMs} ms in ${blocked.length} of the last ${lastStretches} stretches of 10 s)`,
    strength: blocked.length / lastStretches,
    details: {
      longestSliceMs: longest,
      blockedStretches: blocked.length,
      ...(stalledIn !== undefined && { stack: stalledIn }),
    },
    steps: [
      'Find the synchronous work in its handlers and timers',
      'Cut it into pieces, or move it to a service of its own',
    ],
  });
};
