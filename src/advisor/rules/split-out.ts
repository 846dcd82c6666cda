import { waitShares } from '../model/slices.ts';
import { type Situation, sharesOf } from '../situation.ts';
import type { Members, ServiceView } from '../view.ts';
import { type Draft, noPrediction, pressureOf, type Rule, round } from './draft.ts';
import { isFull } from './shortage.ts';

/** So much of the wait for the shared loop is one service's doing. */
export const guiltyShare = 0.6;
/** Shorter slices are not felt by a neighbour as long as the loop has time to spare. */
export const feltMs = 20;
/** A smaller part of the extra time than this is not worth a process. */
export const waitShare = 0.3;

/**
 * Whoever holds the shared event loop in long slices makes its neighbours wait; it is the one to
 * leave, not its victim. Decides nothing about services that are alone, nor about a full machine,
 * where a process of its own gives a service nothing.
 */
export const splitOut: Rule = (situation) => {
  const { members, hot, slow } = situation;
  if (members.length === 1 || (hot && isFull(situation))) return undefined;
  if (!hot && (!slow || sharesOf(situation).loopWait < waitShare)) return undefined;
  const [culprit, share] = guiltyOf(members);
  if (share < guiltyShare) return hot ? splitHeaviest(situation, members) : undefined;
  if (!hot && culprit.slices.maxMs < feltMs) return undefined;
  const percent = round(share * 100);
  const longest = round(culprit.slices.maxMs);
  return split(culprit, situation, {
    strength: share,
    because: `holds the loop they share for up to ${longest} ms at a time and causes ${percent} % of the wait`,
    details: { sharePercent: percent, longestSliceMs: longest },
  });
};

type Guilty = readonly [ServiceView, number];

/** By Pollaczek and Khinchine the wait is the doing of those with the long slices. */
const guiltyOf = (members: Members): Guilty => {
  const known = guilty.get(members);
  if (known !== undefined) return known;
  const shares = waitShares(members.map(({ service, slices }) => ({ service, ...slices })));
  const found = members
    .map((one): Guilty => [one, shares.get(one.service) ?? 0])
    .reduce((a, b) => (b[1] > a[1] ? b : a));
  guilty.set(members, found);
  return found;
};

/** Found once, though each member asks. */
const guilty = new WeakMap<Members, Guilty>();

/** A full loop with no one to blame: who needs most of it takes most of the load along. */
const splitHeaviest = (situation: Situation, members: Members): Draft => {
  const coresOf = ({ split: { cpuMs }, completionsPerSecond }: ServiceView): number =>
    (cpuMs * completionsPerSecond) / 1_000;
  const heaviest = members.reduce((a, b) => (coresOf(b) > coresOf(a) ? b : a));
  const cores = round(coresOf(heaviest), 2);
  return split(heaviest, situation, {
    strength: 0.5,
    because: `needs most of the loop they share, ${cores} cores`,
    details: { neededCores: cores },
  });
};

const split = (
  { service: name }: ServiceView,
  situation: Situation,
  found: Pick<Draft, 'strength' | 'details'> & { readonly because: string },
): Draft => {
  const { service } = situation;
  const { group } = service;
  const victim = service.service === name ? longestWaiting(situation) : service.service;
  return {
    service: name,
    action: 'split_out',
    strength: found.strength,
    reason: `${pressureOf(situation)} in ${service.service}; ${name} ${found.because}`,
    details: { ...found.details, group, victim },
    prediction: noPrediction,
    command: `forge split ${name}`,
    config: { [name]: { isolated: 'remove its group' } },
    steps: [
      `Start a worker with ${name} alone and wait until ready`,
      `Route ${name} to it`,
      `Replace the workers of ${group} by ones without ${name}, new ones first`,
    ],
  };
};

const longestWaiting = ({ service, members }: Situation): string =>
  members
    .filter((one) => one !== service)
    .reduce((a, b) => (b.split.loopWaitMs > a.split.loopWaitMs ? b : a), service).service;
