import { saturatedBusy, summed } from '../history/sums.ts';
import { startOfLast } from '../history/window.ts';
import type { Point, ServiceMemory } from '../memory/memory.ts';

/** Time of a worker that one request takes, and how many of them tell it. */
export type Demand = { readonly ms: number; readonly requests: number };

/**
 * All that its process does for a request included. In full workers what is begun is not what is
 * answered, so they count only when there is little else: when nothing is known, or when they have
 * been full for a while and tell something else.
 */
export const demandOf = ({ points, demand }: ServiceMemory): Demand => {
  const { free, full } = servedOver(points, 60);
  if (free.seconds >= enoughSeconds && !isFullNow(points)) return costOf(free);
  if (demand === undefined || free.seconds === 0) return costOf(free, full);
  const now = isFullNow(points) ? costOf(servedOver(points, enoughSeconds).full) : demand;
  return Math.abs(now.ms - demand.ms) > demand.ms * otherDemand ? now : demand;
};

/** What a request needs changes with a release, and then at once; less than this is chance. */
export const otherDemand = 0.2;
const enoughSeconds = 10;

const isFullNow = (points: readonly Point[]): boolean => {
  for (let index = startOfLast(points, enoughSeconds); index < points.length; index += 1) {
    if ((points[index]?.meanBusy ?? 0) < saturatedBusy) return false;
  }
  return true;
};

type Served = { readonly seconds: number; readonly cores: number; readonly requests: number };

/** In seconds in which the workers had time to spare, and in the others. */
const servedOver = (
  points: readonly Point[],
  seconds: number,
): { readonly free: Served; readonly full: Served } => {
  const from = startOfLast(points, seconds);
  const free: Served = {
    seconds: summed(points, 'freeSeconds', { from }),
    cores: summed(points, 'freeCores', { from }),
    requests: summed(points, 'freeRequests', { from }),
  };
  if (free.seconds === points.length - from) return { free, full: noneServed };
  const full = {
    seconds: points.length - from - free.seconds,
    cores: summed(points, 'cores', { from }) - free.cores,
    requests: summed(points, 'requests', { from }) - free.requests,
  };
  return { free, full };
};

const noneServed: Served = { seconds: 0, cores: 0, requests: 0 };

/** What is begun and what is answered count by half. */
const costOf = (...all: readonly Served[]): Demand => {
  const requests = all.reduce((sum, served) => sum + served.requests, 0) / 2;
  const cores = all.reduce((sum, served) => sum + served.cores, 0);
  return { ms: requests > 0 ? (cores * 1_000) / requests : 0, requests };
};

const demandWeight = 0.02;

/** As many as ever count: a quiet hour after a busy one tells something as well. */
const mostTelling = 500;
/** Of so few that what was told by more counts against them. */
const fewer = 0.5;
/** In standard deviations of what requests take, which is about its mean. */
export const doubtOfFew = 2;

/** Another demand is believed at once, if it is another; of few requests in a quiet minute it is chance. */
export const learnDemand = (before: Demand | undefined, now: Demand): Demand => {
  if (before === undefined) return now;
  const areFew = now.requests < before.requests * fewer;
  const chance = areFew ? doubtOfFew / Math.sqrt(Math.max(1, now.requests)) : 0;
  const isOther = Math.abs(now.ms - before.ms) > before.ms * (otherDemand + chance);
  const told = Math.min(mostTelling, now.requests);
  if (isOther) return { ms: now.ms, requests: told };
  const weight = demandWeight * (areFew ? now.requests / before.requests : 1);
  return {
    ms: before.ms + weight * (now.ms - before.ms),
    requests: Math.max(before.requests, told),
  };
};
