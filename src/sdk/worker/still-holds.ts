import type { ServiceSample, WorkerSample } from '../../protocol/metrics.ts';

/** Percent of one core, and the part of the time in which the loop is busy. */
const idleBelow = { cpu: 2, loop: 0.02 } as const;
/** What nobody would tell apart. */
const sameWithin = { cpu: 1, loop: 0.01, bytes: 512 * 1024, gcMs: 2 } as const;

/** Nothing was done in its period, and nothing is under way: to hear it twice adds nothing. */
const isQuiet = (sample: WorkerSample): boolean =>
  sample.cpu < idleBelow.cpu &&
  sample.eventLoopUtilization < idleBelow.loop &&
  (sample.eventLoopDelayMs ?? 0) === 0 &&
  sample.services.every(isQuietService);

const isQuietService = (service: ServiceSample): boolean => {
  const { arrivals, completions, errors, inFlight, cpuMs, loopWaitMs, slices } = service;
  const counted = [arrivals, completions, errors, inFlight, cpuMs, loopWaitMs, slices.count];
  if (counted.some((each) => each !== 0)) return false;
  if (service.events !== undefined || service.methods !== undefined) return false;
  return Object.values(service.downstream).every(
    ({ calls, waitMs, outstanding }) => calls === 0 && waitMs === 0 && outstanding === 0,
  );
};

/** Whether a sample says nothing that the one before does not say: of a worker that does nothing. */
export const stillHolds = (before: WorkerSample, now: WorkerSample): boolean =>
  isQuiet(before) &&
  isQuiet(now) &&
  isNear(before.cpu, now.cpu, sameWithin.cpu) &&
  isNear(before.eventLoopUtilization, now.eventLoopUtilization, sameWithin.loop) &&
  isNear(before.rssBytes, now.rssBytes, sameWithin.bytes) &&
  isNear(heldIn(before), heldIn(now), sameWithin.bytes) &&
  isNear(before.gcMs ?? 0, now.gcMs ?? 0, sameWithin.gcMs) &&
  JSON.stringify(shapeOf(before)) === JSON.stringify(shapeOf(now));

const isNear = (one: number, other: number, within: number): boolean =>
  Math.abs(one - other) <= within;

const heldIn = ({ heapUsedBytes, externalBytes = 0 }: WorkerSample): number =>
  heapUsedBytes + externalBytes;

/** Whom its services call, and how its breakers are. */
const shapeOf = ({ breakers, services }: WorkerSample): object => ({ breakers, services });
