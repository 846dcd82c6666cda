import { waitShares } from '../model/slices.ts';
import { noPrediction, pressureOf, type Rule, round } from './draft.ts';

const guiltyShare = 0.6;
/** Shorter slices are not felt by a neighbour as long as the loop has time to spare. */
const feltMs = 20;

/**
 * Whoever holds the shared event loop in long slices makes its neighbours wait; it is the one to
 * leave, not its victim. Decides nothing about services that are alone.
 */
export const splitOut: Rule = (situation) => {
  const { service, neighbours, shares, hot, machine } = situation;
  if (neighbours.length === 0 || (!hot && shares.loopWait < 0.3)) return undefined;
  const slices = [service, ...neighbours].map((one) => ({
    service: one.service,
    sumOfSquaresMs2PerSecond: one.slices.sumOfSquaresMs2PerSecond,
  }));
  const ranked = [...waitShares(slices)].toSorted(([, a], [, b]) => b - a);
  const [guilty, share] = ranked[0] ?? [service.service, 0];
  if (share < guiltyShare) return undefined;
  if (machine.leaving !== undefined && machine.leaving !== guilty) return undefined;
  const longest = [service, ...neighbours].find((one) => one.service === guilty)?.slices.maxMs ?? 0;
  if (!hot && longest < feltMs) return undefined;
  const percent = round(share * 100);
  return {
    service: guilty,
    action: 'split_out',
    strength: share,
    reason: `${pressureOf(situation)} in ${service.service}; ${guilty} holds the loop they share for up to ${round(longest)} ms at a time and causes ${percent} % of the wait`,
    details: {
      sharePercent: percent,
      longestSliceMs: round(longest),
      group: service.group,
      victim: service.service,
    },
    prediction: noPrediction,
    command: `forge split ${guilty}`,
    config: { [guilty]: { isolated: 'remove its group' } },
    steps: [
      `Start a worker with ${guilty} alone and wait until ready`,
      `Route ${guilty} to it`,
      `Replace the workers of ${service.group} by ones without ${guilty}, new ones first`,
    ],
  };
};
