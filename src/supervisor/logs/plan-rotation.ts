import { type Bytes, type Instant, type Millis, megabytes, ms } from '../../protocol/units.ts';
import type { LogsConfig } from '../config/app-config.ts';
import type { SegmentName } from './names.ts';

export type StoredSegment = SegmentName & {
  /** What it takes on the disk, with its index. */
  readonly bytes: Bytes;
  readonly writtenAt: Instant;
  /** Its end is where the copying of a spool goes on. */
  readonly isResumed: boolean;
};

/** A piece this long is given back at a time; the end of a spool is kept for whoever reads it. */
const giveBackStep = megabytes(16);
const spoolTail = megabytes(4);
const block = 4_096;

/** Which segments are to be deleted: the too old ones, then the oldest of whoever takes the most. */
export const planRotation = (
  segments: readonly StoredSegment[],
  limits: Pick<LogsConfig, 'maxAge' | 'budget'>,
  now: Instant,
): readonly StoredSegment[] => {
  const isOver = (segment: StoredSegment): boolean =>
    !segment.isResumed && now - segment.writtenAt > limits.maxAge;
  const doomed = segments.filter(isOver);
  const byWorker = Map.groupBy(
    segments.filter((segment) => !isOver(segment)).toSorted(byAge),
    ({ worker }) => worker,
  );
  const shares = [...byWorker.values()].map(toShare);
  let total = shares.reduce((sum, { bytes }) => sum + bytes, 0);
  while (total > limits.budget) {
    const largest = shares
      .filter(({ deletable }) => deletable.length > 0)
      .reduce<Share | undefined>(
        (a, b) => (a !== undefined && a.bytes >= b.bytes ? a : b),
        undefined,
      );
    const oldest = largest?.deletable.shift();
    if (largest === undefined || oldest === undefined) break;
    largest.bytes -= oldest.bytes;
    total -= oldest.bytes;
    doomed.push(oldest);
  }
  return doomed;
};

type Share = { bytes: number; readonly deletable: StoredSegment[] };

const toShare = (segments: readonly StoredSegment[]): Share => ({
  bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
  deletable: segments.filter(({ isResumed }) => !isResumed),
});

const byAge = (a: SegmentName, b: SegmentName): number => a.start - b.start || a.from - b.from;

/** A segment ends when it is large, or old enough to stand in the way of deleting by age. */
export const isRollDue = (
  segment: { readonly size: number; readonly openedAt: number },
  limits: Pick<LogsConfig, 'maxSize' | 'maxAge'>,
  now: number,
): boolean =>
  segment.size >= limits.maxSize ||
  (segment.size > 0 && now - segment.openedAt >= rollAge(limits.maxAge));

const rollAge = (maxAge: Millis): Millis => ms(maxAge / 7);

export type SpoolPlan = {
  /** What lies before is given up: more than there will ever be room for. */
  readonly skipTo?: number;
  /** What lies before is copied, and its room can be given back to the disk. */
  readonly giveBackTo?: number;
};

/** What is to be done about the size of a spool that its process goes on writing. */
export const planSpool = (
  spool: { readonly size: number; readonly copied: number; readonly givenBack: number },
  limits: Pick<LogsConfig, 'maxSize' | 'budget'>,
  isDiskLow: boolean,
): SpoolPlan => {
  const most = isDiskLow ? limits.maxSize : limits.budget;
  const isTooMuch = spool.size - spool.copied > most;
  const skipTo = spool.size - Math.floor(most / 2);
  const end = (isTooMuch ? skipTo : spool.copied) - spoolTail;
  const giveBackTo = Math.floor(end / block) * block;
  return {
    ...(isTooMuch ? { skipTo } : {}),
    ...(giveBackTo - spool.givenBack >= giveBackStep ? { giveBackTo } : {}),
  };
};

/** Low below the line; no longer low a little above it, so that it does not flicker. */
export const isDiskLow = (was: boolean, freePercent: number, minFree: number): boolean =>
  freePercent < (was ? minFree * 1.1 : minFree);
