import { type Instant, seconds } from '../../protocol/units.ts';
import { lastSeconds, starvationOf, starved } from '../history/window.ts';
import type { Point } from '../memory/memory.ts';

/** Less than this of a core left is as good as nothing: a worker more takes it from the others. */
export const worthACore = 0.25;
/** With a core for a worker more, or when it waits for none this part of the time, it is not full. */
export const roomForOne = 1;
export const served = starved / 2;
/** or in each of so many seconds. */
export const servedSeconds = 3;
/** It is free again when that has lasted for so long, */
export const freeAfterMs = seconds(30);
/** or at once when this part of its cores is idle: that is more than what comes and goes. */
export const freeShare = 0.2;
/** Of two cores a whole one is much: this part of them is room, too. */
export const freeOfFewShare = 0.35;

/** With no more than this left it is full at once, */
const nothingLeft = 0.1;
/** else when each of so many seconds was one of waiting: the burst of a load that has just come is over then. */
export const waitedSeconds = 5;

/** A machine of which this app uses so much is full, though nobody waits: a worker more would. */
export const ownShare = 0.9;

export type MachineNow = {
  readonly cores: number;
  readonly idleCores: number;
  /** Of those in use, what this app's services use. */
  readonly ownCores: number;
};

/**
 * When a service was last short of a machine that has no core left; undefined while it is not. Others
 * may fill a machine and yet be in nobody's way. Other programs come and go by the second: what was
 * full stays so until there is room to spare for a while.
 */
export const fullAfter = (
  before: Instant | undefined,
  points: readonly Point[],
  machine: MachineNow,
): Instant | undefined => {
  const { idleCores } = machine;
  const at = points.at(-1)?.at;
  const isCertain = before !== undefined || idleCores <= nothingLeft;
  if (isShort(points, machine) && (isCertain || hasWaited(points))) return at;
  if (before === undefined || at === undefined) return undefined;
  const starvation = starvationOf(points);
  if (idleCores < roomForOne && starvation >= served) return at;
  const isFree = idleCores >= roomToSpare(machine) && isServed(points);
  return isFree || at - before >= freeAfterMs ? undefined : before;
};

/** On average, or lately: one bad second is in the average for as long as that spans. */
const isServed = (points: readonly Point[]): boolean =>
  starvationOf(points) < served ||
  lastSeconds(points, servedSeconds).every(({ starvation }) => starvation < served);

/** Mostly there is a core, and nobody is asked for more. */
const isShort = (points: readonly Point[], { cores, idleCores, ownCores }: MachineNow): boolean =>
  idleCores < worthACore && (starvationOf(points) >= starved || ownCores >= cores * ownShare);

/** A core for a worker more, or most of one where there are few, and more than what comes and goes. */
export const roomToSpare = ({ cores }: Pick<MachineNow, 'cores'>): number =>
  Math.max(Math.min(roomForOne, cores * freeOfFewShare), cores * freeShare);

export const hasWaited = (points: readonly Point[]): boolean =>
  points.length >= waitedSeconds &&
  points.slice(-waitedSeconds).every((point) => point.starvation >= starved);
