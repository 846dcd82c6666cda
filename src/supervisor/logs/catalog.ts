import { readdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Stream, spoolDir } from '../../protocol/logs.ts';
import { bytes, instant } from '../../protocol/units.ts';
import {
  indexFile,
  parseSegment,
  parseSpool,
  type SegmentName,
  segmentFile,
  streamKey,
} from './names.ts';
import type { StoredSegment } from './plan-rotation.ts';

export type CataloguedStream = Stream & {
  /** Where its segments begin, in order. */
  readonly segments: readonly number[];
  /** Its spool is still there: more may come. */
  readonly hasSpool: boolean;
};

/** Read five times a second, which is not worth a thread each time. */
export const listSpools = (logs: string): readonly Stream[] =>
  namesIn(spoolDir(logs)).flatMap((name) => parseSpool(name) ?? []);

/** Every stream there is something of, the oldest first. */
export const listStreams = (logs: string): readonly CataloguedStream[] => {
  // Spools first: one that is gone by now has all of its bytes in segments.
  const spools = listSpools(logs);
  const segments = Map.groupBy(listSegments(logs), streamKey);
  const spooled = new Set(spools.map(streamKey));
  const streams = new Map(
    [...spools, ...[...segments.values()].flatMap(([first]) => first ?? [])].map((one) => [
      streamKey(one),
      { worker: one.worker, start: one.start },
    ]),
  );
  return [...streams]
    .map(([key, stream]) => ({
      ...stream,
      segments: (segments.get(key) ?? []).map(({ from }) => from).toSorted((a, b) => a - b),
      hasSpool: spooled.has(key),
    }))
    .toSorted((a, b) => a.start - b.start);
};

const listSegments = (logs: string): readonly SegmentName[] =>
  namesIn(logs)
    .filter((name) => name !== 'spool')
    .flatMap((worker) => segmentsOf(logs, worker));

export const segmentsOf = (logs: string, worker: string): readonly SegmentName[] =>
  namesIn(join(logs, worker)).flatMap((name) => parseSegment(worker, name) ?? []);

/** All segments with what the planner of the rotation has to know. */
export const measureSegments = async (logs: string): Promise<readonly StoredSegment[]> => {
  const resumed = new Map(listSpools(logs).map((spool) => [streamKey(spool), -1]));
  const segments = listSegments(logs);
  for (const segment of segments) {
    const key = streamKey(segment);
    const last = resumed.get(key);
    if (last !== undefined) resumed.set(key, Math.max(last, segment.from));
  }
  const measured: StoredSegment[] = [];
  for (const segment of segments) {
    const file = segmentFile(logs, segment);
    const [data, index] = await Promise.all([sizeOf(file), sizeOf(indexFile(file))]);
    measured.push({
      ...segment,
      bytes: bytes(data.onDisk + index.onDisk),
      writtenAt: instant(data.mtimeMs),
      isResumed: resumed.get(streamKey(segment)) === segment.from,
    });
  }
  return measured;
};

const block = 4_096;

const sizeOf = async (file: string): Promise<{ onDisk: number; mtimeMs: number }> => {
  try {
    const { size, mtimeMs } = await stat(file);
    return { onDisk: Math.ceil(size / block) * block, mtimeMs };
  } catch {
    // Someone deleted it: it takes nothing.
    return { onDisk: 0, mtimeMs: 0 };
  }
};

const namesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory);
  } catch {
    // Nothing was logged yet, or it is a file.
    return [];
  }
};
